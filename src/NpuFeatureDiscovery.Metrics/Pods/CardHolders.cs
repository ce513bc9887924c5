using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Metrics.Pods;

/// <summary>Who holds a card and its cores, as the labels of its series.</summary>
internal sealed class CardHolders
{
    private readonly Allocation[] _allocations;

    private CardHolders(IReadOnlyList<int> cores, Allocation[] allocations)
    {
        _allocations = allocations;
        var parts = new List<Allocation[]>();
        foreach (var core in cores)
            parts.Add(HoldersOf(core));

        // Of a card without device nodes the cores are not known.
        OfCard = cores.Count > 0 ? Common([.. parts]) : Common([[.. allocations.Where(held => held.Unit.Cores is null)]]);
    }

    /// <summary>For series that do not tell.</summary>
    public static CardHolders Untold { get; } = new([], []);

    /// <summary>The labels of the series of the card: of a holder who holds all of it, and alone.</summary>
    public (string Name, string Value)[] OfCard { get; }

    /// <summary>The holders of cards.</summary>
    /// <param name="devices">The cards.</param>
    /// <param name="ids">The ids of the cards at the kubelet.</param>
    /// <param name="allocations">What containers hold.</param>
    /// <returns>One for each card, in their order.</returns>
    public static IReadOnlyList<CardHolders> Of(
        IReadOnlyList<NpuDevice> devices, DeviceIds ids, IReadOnlyList<Allocation> allocations)
    {
        var byCard = allocations.ToLookup(allocation => allocation.Unit.DeviceId, StringComparer.Ordinal);
        return [.. ids.Of(devices).Zip(devices, (id, device) => new CardHolders(device.Cores, [.. byCard[id]]))];
    }

    /// <summary>The labels of the series of one core.</summary>
    public (string Name, string Value)[] OfCore(int core) => Common([HoldersOf(core)]);

    private Allocation[] HoldersOf(int core) =>
        [.. _allocations.Where(held => held.Unit.Cores is not { } cores || (cores.Start <= core && core <= cores.End))];

    /// <summary>What all the holders have in common, where there is no part that nobody holds.</summary>
    private static (string Name, string Value)[] Common(Allocation[][] parts)
    {
        if (parts.Any(holders => holders.Length == 0))
            return [];

        var first = parts[0][0];
        if (!parts.All(holders => Array.TrueForAll(holders, held => (held.Namespace, held.Pod) == (first.Namespace, first.Pod))))
            return [];

        return parts.All(holders => Array.TrueForAll(holders, held => held.Container == first.Container))
            ? [("namespace", first.Namespace), ("pod", first.Pod), ("container", first.Container)]
            : [("namespace", first.Namespace), ("pod", first.Pod)];
    }
}
