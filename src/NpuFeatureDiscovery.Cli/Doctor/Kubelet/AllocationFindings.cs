using System.Text.Json;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Doctor.Kubelet;

/// <summary>What is wrong with who holds which NPU.</summary>
internal static class AllocationFindings
{
    private const string Name = HolderCheck.Name;

    public static IEnumerable<Finding> Of(DoctorContext context, IReadOnlyList<Allocation> allocations)
    {
        var node = context.Node;
        AllocationFinding[] faults = node is null ? [] : [.. AllocationCheck.Find(node, new DeviceIds(), allocations)];
        foreach (var held in Allocations(faults, AllocationFault.DoubleAllocation)
            .GroupBy(held => held.Unit.ToString(), StringComparer.Ordinal))
            yield return Shared($"'{held.Key}' is held by several Pods: {Holders(held)}.");

        foreach (var held in Allocations(faults, AllocationFault.Overlap)
            .GroupBy(held => held.Unit.DeviceId, StringComparer.Ordinal))
            yield return Shared($"Pods hold parts of '{held.Key}' that overlap: {Holders(held)}.");

        foreach (var fault in faults.Where(fault => fault.Fault == AllocationFault.Phantom))
        {
            yield return new Finding(
                FindingLevel.Problem, Name, fault.Reason, "The card was there when the Pod began, or goes by another id now.",
                "Put the card back, or delete the Pod so that it gets another.");
        }

        foreach (var fault in faults.Where(fault => fault.Fault == AllocationFault.Unhealthy))
        {
            yield return new Finding(
                FindingLevel.Problem, Name, fault.Reason, "The kubelet takes nothing away from a Pod that runs.",
                "Delete the Pod, so that it begins anew with a card that works.");
        }

        if (faults.Length == 0)
            yield return new Finding(FindingLevel.Ok, Name, Describe(allocations), DescribeEnded(context, allocations));
    }

    private static Finding Shared(string what) => new(
        FindingLevel.Problem, Name, what,
        "Two resources or plugins offer the same card, or the ids have changed under running Pods.",
        "Delete all of these Pods but one, and let one plugin run on the node.");

    private static IEnumerable<Allocation> Allocations(AllocationFinding[] faults, AllocationFault fault) =>
        faults.Where(finding => finding.Fault == fault).Select(finding => finding.Allocation).Distinct();

    private static string Holders(IEnumerable<Allocation> allocations) =>
        string.Join(", ", allocations.Select(held => $"{held.Namespace}/{held.Pod} ({held.Container})"));

    private static string Describe(IReadOnlyList<Allocation> allocations)
    {
        var pods = allocations.Select(held => $"{held.Namespace}/{held.Pod}").Distinct().Count();
        return allocations.Count == 0
            ? "No Pod holds an NPU."
            : $"{pods} {(pods == 1 ? "Pod holds" : "Pods hold")} "
                + $"{allocations.Count} {(allocations.Count == 1 ? "unit" : "units")}, each its own.";
    }

    /// <summary>
    /// What is written down for Pods that are not listed any more; null where there is nothing. It is no fault by itself: what a kubelet has
    /// freed stays in its file until it writes the file for the next time.
    /// </summary>
    private static string? DescribeEnded(DoctorContext context, IReadOnlyList<Allocation> allocations)
    {
        try
        {
            var checkpoint = KubeletCheckpoint.Read(Path.Combine(context.Folders.Plugins, KubeletCheckpoint.FileName));
            string[] ended = [.. checkpoint.Held.Where(held => context.IsNpuResource(held.Resource)).Select(held => held.Id).Distinct()
                .Except(allocations.Select(allocation => allocation.Unit.ToString()))];
            return ended.Length == 0
                ? null
                : $"Of Pods that have ended the kubelet's checkpoint still names {string.Join(", ", ended.Select(id => $"'{id}'"))}: freed for "
                    + "the next Pod. Where that one fails for want of a unit, they have leaked: restart the kubelet.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            // That is told where the registration is looked at.
            return null;
        }
    }
}
