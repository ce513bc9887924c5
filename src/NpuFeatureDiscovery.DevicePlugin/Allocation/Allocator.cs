using System.Globalization;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>
/// Turns the ids that the kubelet chose into what containers get. The kubelet does the accounting, by a list that may be older
/// than ours: so each id is looked at again. The same ids may be asked for again, for the next container of a Pod.
/// </summary>
internal static class Allocator
{
    private const int MaxNamed = 8;

    /// <param name="resource">The resource that the units are of.</param>
    /// <param name="list">The units as they are now.</param>
    /// <param name="root">Where the device nodes are looked for.</param>
    /// <param name="requests">The ids for each container.</param>
    /// <exception cref="AllocationException">One of the units cannot be given; none is then.</exception>
    public static IReadOnlyList<ContainerAllocation> Allocate(
        string resource, UnitList list, HostRoot root, IReadOnlyList<IReadOnlyList<string>> requests)
    {
        if (requests.Any(ids => ids.Count == 0))
            throw Wrong("A container's request names no device. The kubelet always names as many as the Pod asks for.");

        ThrowIfOverlapping([.. requests.SelectMany(ids => ids)]);
        return [.. requests.Select(ids => new ContainerAllocation(
            [.. ids.Select(id => Find(resource, list, root, id)).OrderBy(unit => unit.Device.Family)
                .ThenBy(unit => unit.Device.Index).ThenBy(unit => unit.Id.Cores ?? default)]))];
    }

    private static Unit Find(string resource, UnitList list, HostRoot root, string id)
    {
        if (list.Find(id) is not { } listed)
            throw Wrong($"Device '{id}' is none of '{resource}' on this node: {Describe(list)}. "
                + "Create the Pod anew, so that the kubelet chooses from the present devices.");

        var name = $"Device '{id}' ({listed.Unit.Name}) of '{resource}'";
        switch (listed.State)
        {
            case UnitState.Disabled:
                throw NotNow($"{name} is disabled: '{listed.Unit.Device.Name}' is among the disabled devices of the device plugin. "
                    + "Create the Pod anew to get another, or enable it there.");
            case UnitState.Unhealthy:
                var since = listed.Since.ToString("u", CultureInfo.InvariantCulture);
                throw NotNow($"{name} is unhealthy since {since}: {listed.Reason}. "
                    + "Create the Pod anew to get another, and have the card looked at.");
        }

        if (listed.Unit.Nodes.FirstOrDefault(node => !File.Exists(root.Resolve(node.Path))) is { } missing)
            throw NotNow($"{name} has lost its device node '{missing.Path}'. "
                + "Create the Pod anew to get another, and see whether the card's driver is loaded.");

        return listed.Unit;
    }

    private static void ThrowIfOverlapping(IReadOnlyList<string> ids)
    {
        if (ids.GroupBy(id => id, StringComparer.Ordinal).FirstOrDefault(same => same.Skip(1).Any()) is { } twice)
            throw Wrong($"Device '{twice.Key}' is asked for more than once; it can be given once.");

        var parsed = new Dictionary<string, UnitId>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            if (UnitId.TryParse(id, out var unit))
                parsed.Add(id, unit);
        }

        foreach (var card in parsed.Keys.GroupBy(id => parsed[id].DeviceId, StringComparer.Ordinal))
        {
            // Of one card, so the wide before the narrow, and a whole card before all.
            var units = card.OrderBy(id => parsed[id].Cores?.Start ?? -1).ToArray();
            for (var index = 1; index < units.Length; index++)
            {
                if (Overlap(parsed[units[index - 1]].Cores, parsed[units[index]].Cores))
                    throw Wrong($"Devices '{units[index - 1]}' and '{units[index]}' share cores, which can be given once. "
                        + "Create the Pod anew, so that the kubelet chooses from the present devices.");
            }
        }
    }

    private static bool Overlap(CoreRange? one, CoreRange? other) =>
        one is not { } left || other is not { } right || (left.Start <= right.End && right.Start <= left.End);

    private static string Describe(UnitList list)
    {
        if (list.Units.Count == 0)
            return "there is none at all";

        var named = string.Join(", ", list.Units.Take(MaxNamed).Select(listed => listed.Unit.Id));
        return list.Units.Count > MaxNamed ? $"there are {named} and {list.Units.Count - MaxNamed} more" : $"there are {named}";
    }

    private static AllocationException Wrong(string message) => new(message, isRequestWrong: true);

    private static AllocationException NotNow(string message) => new(message, isRequestWrong: false);
}
