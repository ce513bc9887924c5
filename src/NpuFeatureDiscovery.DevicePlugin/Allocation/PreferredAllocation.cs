namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>
/// Advises the kubelet which units to give together. It always advises, since the kubelet fails the Pod otherwise, and advises
/// exactly as many as are asked for.
/// </summary>
/// <remarks>
/// The affinity of two units is what they share from the host inwards: nothing 0, the NUMA node 10, the host bridge or the root
/// port 20, a PCIe switch 30, one behind that 40, any further 50, the card 60. Units that differ in one of these share none
/// further in, and what is not known of a unit is left out. <see cref="AllocationPolicy.Packed"/> chooses the units, together
/// with those that are chosen already, whose affinities to each other have the greatest sum. Of choices with the same sum it
/// takes the one that leaves the greatest sum among the units that stay free, so that no group is broken up without need; then
/// the one with the greatest sum to the units that others hold, so that groups in use are filled up; then the first by the
/// order of the positions. <see cref="AllocationPolicy.Spread"/> takes the least sum in each case. The choice is the best,
/// unless it would take more than <see cref="MaxSteps"/>.
/// </remarks>
internal static class PreferredAllocation
{
    /// <summary>
    /// What 2,048 units need however they hang, and less than a tenth of a second: the kubelet waits, and a Pod with it.
    /// </summary>
    public const int MaxSteps = 5_000_000;

    /// <summary>For devices of which the ids and the nodes are all that is known.</summary>
    public static IReadOnlyList<string> ByNumaNode(PreferenceRequest request) => Choose(
        request.Devices.Values.Where(device => device.IsHealthy).OrderBy(device => device.Id, StringComparer.Ordinal)
            .Select(device => new Position(device.Id, Card: null, Bridges: [], device.NumaNodes is [var node, ..] ? node : null)),
        AllocationPolicy.Packed, request);

    /// <param name="positions">
    /// The units that can be given and those that others hold, in the order in which equal ones are taken.
    /// </param>
    /// <param name="policy">Which are preferred.</param>
    /// <param name="request">
    /// What to choose from; ids without a position are taken last. As many are chosen as there are, where there are fewer.
    /// </param>
    public static IReadOnlyList<string> Choose(IEnumerable<Position> positions, AllocationPolicy policy, PreferenceRequest request)
    {
        var size = Math.Max(request.Size, 0);
        var chosen = request.MustInclude.Distinct(StringComparer.Ordinal).Take(size).ToList();
        if (chosen.Count == size)
            return chosen;

        var others = request.Available.Except(chosen, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        var host = PositionGroup.Create(positions, others, chosen.ToHashSet(StringComparer.Ordinal));
        var count = Math.Min(size - chosen.Count, host.Free);
        if (BestShares.Steps(host, count) <= MaxSteps)
            new BestShares(host, count, policy).Take(count, chosen);
        else
            RoughShares.Take(host, count, policy, chosen);

        chosen.AddRange(others.Order(StringComparer.Ordinal).Take(size - chosen.Count));
        return chosen;
    }
}
