using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>Puts what containers hold beside what the node has.</summary>
internal static class AllocationRows
{
    /// <summary>In the order of the cards and their cores, and behind them what the node does not have.</summary>
    /// <param name="node">The node's cards.</param>
    /// <param name="ids">The ids of the cards at the kubelet.</param>
    /// <param name="allocations">What containers hold, in the order of their names.</param>
    public static IReadOnlyList<AllocationRow> Create(NodeSnapshot node, DeviceIds ids, IReadOnlyList<Allocation> allocations)
    {
        var findings = AllocationCheck.Find(node, ids, allocations).ToLookup(finding => finding.Allocation);
        var held = allocations.ToLookup(allocation => allocation.Unit.DeviceId, StringComparer.Ordinal);
        var names = ids.Of(node.Devices);
        var rows = new List<AllocationRow>();
        for (var index = 0; index < names.Count; index++)
            rows.AddRange(OfCard(names[index], node.Devices[index]).OrderBy(row => row.Start));

        rows.AddRange(allocations.Where(allocation => !names.Contains(allocation.Unit.DeviceId))
            .Select(allocation => Row(allocation, null)));
        return rows;

        IEnumerable<AllocationRow> OfCard(string name, NpuDevice device) => held[name].Any()
            ? [.. held[name].Select(allocation => Row(allocation, device)), .. FreeCores(name, device, [.. held[name]])]
            : [new AllocationRow(new UnitId(name), device, null, [])];

        AllocationRow Row(Allocation allocation, NpuDevice? device) =>
            new(allocation.Unit, device, allocation, [.. findings[allocation]]);
    }

    private static IEnumerable<AllocationRow> FreeCores(string name, NpuDevice device, Allocation[] held)
    {
        foreach (var core in device.Cores)
        {
            var isHeld = Array.Exists(
                held, allocation => allocation.Unit.Cores is not { } cores || (cores.Start <= core && core <= cores.End));
            if (!isHeld)
                yield return new AllocationRow(new UnitId(name, new CoreRange(core, core)), device, null, []);
        }
    }
}
