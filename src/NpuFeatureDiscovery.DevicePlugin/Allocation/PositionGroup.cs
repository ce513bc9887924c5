namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>Units that have a place in common: a NUMA node, a bridge or a card; the outermost is the host.</summary>
/// <param name="affinity">How near any two of them are at least: see <see cref="PreferredAllocation"/>.</param>
/// <param name="gain">By how much that is nearer than in the group around this one.</param>
internal sealed class PositionGroup(int affinity, int gain)
{
    private const int NumaNodeAffinity = 10;
    private const int HostBridgeAffinity = 20;
    private const int InnermostSwitchAffinity = 50;
    private const int CardAffinity = 60;

    private readonly Dictionary<string, PositionGroup> _groupsByPlace = new(StringComparer.Ordinal);

    private int _chosen;
    private int _held;

    /// <summary>The groups within, in order of their first units.</summary>
    public List<PositionGroup> Groups { get; } = [];

    /// <summary>The free units that are in no group within.</summary>
    public List<string> OwnFree { get; } = [];

    /// <summary>How many units are free, also in the groups within.</summary>
    public int Free { get; private set; }

    /// <summary>Whether a unit in it is chosen already.</summary>
    public bool IsBegun => _chosen > 0;

    /// <param name="positions">All units, in the order in which equal ones are taken.</param>
    /// <param name="free">The ids to choose from; those that have a position are removed.</param>
    /// <param name="chosen">The ids that are chosen already. The units that are in neither are held by others.</param>
    public static PositionGroup Create(IEnumerable<Position> positions, HashSet<string> free, HashSet<string> chosen)
    {
        var host = new PositionGroup(affinity: 0, gain: 0);
        foreach (var position in positions)
            host.Add(position, free.Remove(position.Id), chosen.Contains(position.Id));

        return host;
    }

    /// <summary>
    /// What the choice of so many units in this group adds to its score by the fact that they are in the same group.
    /// </summary>
    public ChoiceScore Score(int count) => new(
        gain * Pairs(_chosen + count), gain * Pairs(Free - count), (long)gain * count * _held);

    private static long Pairs(long units) => units * (units - 1) / 2;

    private void Add(Position position, bool isFree, bool isChosen)
    {
        var group = this;
        group.Count(isFree, isChosen);
        if (position.NumaNode is { } node)
            Enter($"node {node}", NumaNodeAffinity);

        for (var depth = 0; depth < position.Bridges.Count; depth++)
            Enter($"bridge {position.Bridges[depth]}", Math.Min(HostBridgeAffinity + (depth / 2 * 10), InnermostSwitchAffinity));

        if (position.Card is { } card)
            Enter($"card {card}", CardAffinity);
        if (isFree)
            group.OwnFree.Add(position.Id);

        void Enter(string place, int affinityThere)
        {
            group = group.Within(place, affinityThere);
            group.Count(isFree, isChosen);
        }
    }

    private PositionGroup Within(string place, int affinityThere)
    {
        if (_groupsByPlace.TryGetValue(place, out var group))
            return group;

        group = new PositionGroup(affinityThere, affinityThere - affinity);
        _groupsByPlace.Add(place, group);
        Groups.Add(group);
        return group;
    }

    private void Count(bool isFree, bool isChosen)
    {
        if (isFree)
            Free++;
        else if (isChosen)
            _chosen++;
        else
            _held++;
    }
}
