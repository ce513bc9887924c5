namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>
/// Good shares for more units than <see cref="BestShares"/> has time for: each group is divided once, from outside in.
/// </summary>
internal static class RoughShares
{
    /// <summary>Adds the ids of a good choice.</summary>
    public static void Take(PositionGroup group, int count, AllocationPolicy policy, List<string> chosen)
    {
        var open = count;
        var groups = policy == AllocationPolicy.Packed
            ? ByPacking(group.Groups, count)
            : group.Groups.OrderBy(inner => inner.Free);
        var following = group.Groups.Count;
        foreach (var inner in groups)
        {
            // Equal shares, and more of the others where one is too small; units in no group within come last.
            var share = policy == AllocationPolicy.Packed ? open : (open + following - 1) / following--;
            share = Math.Min(share, inner.Free);
            Take(inner, share, policy, chosen);
            open -= share;
        }

        chosen.AddRange(group.OwnFree.Take(open));
    }

    /// <summary>
    /// Beside what is chosen already; else where the least stays free; where none has room for all, most room first.
    /// </summary>
    private static IEnumerable<PositionGroup> ByPacking(IEnumerable<PositionGroup> groups, int count) => groups
        .OrderByDescending(inner => inner.IsBegun)
        .ThenByDescending(inner => inner.Free >= count)
        .ThenBy(inner => inner.Free >= count ? inner.Free : -inner.Free);
}
