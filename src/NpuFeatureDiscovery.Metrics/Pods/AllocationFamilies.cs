using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Pods;

/// <summary>Which Pods hold the cards, as series to join with those of the cards, and what is wrong with that.</summary>
internal static class AllocationFamilies
{
    private static readonly (AllocationFault Fault, string Name, string Help)[] Faults =
    [
        (AllocationFault.DoubleAllocation, "furiosa_npu_allocation_double", "1 for each allocation of what another Pod holds too."),
        (AllocationFault.Overlap, "furiosa_npu_allocation_overlap", "1 for each allocation that shares cores with another Pod's."),
        (AllocationFault.Phantom, "furiosa_npu_allocation_phantom", "1 for each allocation of what the node does not have."),
        (AllocationFault.Unhealthy, "furiosa_npu_allocation_unhealthy", "1 for each allocation of an NPU that does not work."),
    ];

    /// <param name="node">The node's cards.</param>
    /// <param name="ids">The ids of the cards at the kubelet.</param>
    /// <param name="allocations">What containers hold; null where the kubelet does not tell.</param>
    public static IEnumerable<MetricFamily> Create(NodeSnapshot node, DeviceIds ids, IReadOnlyList<Allocation>? allocations)
    {
        yield return MetricFamily.Gauge(
            "furiosa_npu_pod_resources_up", "1 if the kubelet has told who holds what, else 0.", [new(allocations is null ? 0 : 1)]);
        if (allocations is null)
            yield break;

        var devices = ids.ById(node.Devices);
        yield return MetricFamily.Info("furiosa_npu_allocation_info", "Who holds the NPU, or the core of it.",
            allocations.Select(allocation => Labels(allocation, devices)).Distinct());
        var findings = AllocationCheck.Find(node, ids, allocations);
        foreach (var (fault, name, help) in Faults)
        {
            yield return MetricFamily.Gauge(name, help, findings.Where(finding => finding.Fault == fault)
                .Select(finding => Labels(finding.Allocation, devices)).Distinct().Select(labels => new MetricSample(labels, 1)));
        }
    }

    private static MetricLabels Labels(Allocation allocation, IReadOnlyDictionary<string, NpuDevice> devices)
    {
        var device = devices.GetValueOrDefault(allocation.Unit.DeviceId);
        return new MetricLabels(
            ("device", device?.Name ?? ""),
            // As the card's own series have it, to be joined with them. What is not there has only its id.
            ("uuid", device is null ? allocation.Unit.DeviceId : device.Uuid ?? ""),
            ("core", allocation.Unit.Cores?.ToString() ?? ""),
            ("resource", allocation.Resource),
            ("namespace", allocation.Namespace),
            ("pod", allocation.Pod),
            ("container", allocation.Container));
    }
}
