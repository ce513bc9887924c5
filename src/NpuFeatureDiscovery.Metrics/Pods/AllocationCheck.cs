using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Metrics.Pods;

/// <summary>Compares what the kubelet says that containers hold with the cards that the node has.</summary>
public static class AllocationCheck
{
    /// <summary>What is wrong, in the order of the allocations; empty where all is well.</summary>
    /// <param name="node">The node's cards.</param>
    /// <param name="ids">The ids of the cards at the kubelet.</param>
    /// <param name="allocations">What containers hold.</param>
    public static IReadOnlyList<AllocationFinding> Find(NodeSnapshot node, DeviceIds ids, IReadOnlyList<Allocation> allocations)
    {
        var devices = ids.ById(node.Devices);
        return [.. allocations.SelectMany(allocation => FindOf(allocation, devices, allocations))];
    }

    private static IEnumerable<AllocationFinding> FindOf(
        Allocation allocation, IReadOnlyDictionary<string, NpuDevice> devices, IReadOnlyList<Allocation> allocations)
    {
        // The containers of one Pod may share: an init container hands its devices on.
        foreach (var other in allocations.Where(other => (other.Namespace, other.Pod) != (allocation.Namespace, allocation.Pod)
            && Overlap(allocation.Unit, other.Unit)))
        {
            yield return new AllocationFinding(
                allocation.Unit == other.Unit ? AllocationFault.DoubleAllocation : AllocationFault.Overlap, allocation,
                $"'{allocation.Unit}' is held by {Name(allocation)}, and '{other.Unit}' by {Name(other)}.");
        }

        if (!devices.TryGetValue(allocation.Unit.DeviceId, out var device))
        {
            yield return new AllocationFinding(
                AllocationFault.Phantom, allocation, $"{Name(allocation)} holds '{allocation.Unit}', which this node does not have.");
        }
        else if (allocation.Unit.Cores is { } cores && !HasAll(device, cores))
        {
            yield return new AllocationFinding(
                AllocationFault.Phantom, allocation, $"{Name(allocation)} holds cores {cores} of {device.Name}, which has not all of them.");
        }
        else if (device.Health.State != HealthState.Healthy)
        {
            yield return new AllocationFinding(
                AllocationFault.Unhealthy, allocation, $"{Name(allocation)} holds {device.Name}, which does not work: {device.Health.Reason}.");
        }
    }

    private static bool HasAll(NpuDevice device, CoreRange cores)
    {
        var found = 0;
        foreach (var core in device.Cores)
            found += cores.Start <= core && core <= cores.End ? 1 : 0;

        return found == cores.Width;
    }

    private static bool Overlap(UnitId one, UnitId other) => one.DeviceId == other.DeviceId
        && (one.Cores is not { } left || other.Cores is not { } right || (left.Start <= right.End && right.Start <= left.End));

    private static string Name(Allocation allocation) => $"{allocation.Namespace}/{allocation.Pod} ({allocation.Container})";
}
