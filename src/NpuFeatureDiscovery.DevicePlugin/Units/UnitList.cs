using System.Collections.Frozen;
using NpuFeatureDiscovery.DevicePlugin.Allocation;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>What the kubelet is told of one unit.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsHealthy">Whether it may be allocated.</param>
/// <param name="NumaNode">Where it is; null for nowhere in particular.</param>
internal sealed record KubeletDevice(string Id, bool IsHealthy, int? NumaNode);

/// <summary>All units of one resource. Immutable; equal to another where the kubelet would be told the same.</summary>
internal sealed class UnitList : IEquatable<UnitList>
{
    private readonly FrozenDictionary<string, ListedUnit> _byId;

    /// <param name="units">The units.</param>
    /// <param name="allocationPolicy">Which of them are given together.</param>
    public UnitList(IEnumerable<ListedUnit> units, AllocationPolicy allocationPolicy = AllocationPolicy.Packed)
    {
        AllocationPolicy = allocationPolicy;
        Units =
        [
            .. units.OrderBy(listed => listed.Unit.Device.Family).ThenBy(listed => listed.Unit.Device.Index)
                .ThenBy(listed => listed.Unit.Id.Cores ?? default).ThenBy(listed => listed.Unit.Id.DeviceId, StringComparer.Ordinal),
        ];
        _byId = Units.ToFrozenDictionary(listed => listed.Unit.Id.ToString());

        // A unit without a node among others with one would fit no request that is bound to a node: all or none.
        var isNumaKnown = Units.All(listed => listed.Unit.Device.NumaNode is not null);
        ForKubelet =
        [
            .. Units.Select(listed => new KubeletDevice(
                listed.Unit.Id.ToString(), listed.State == UnitState.Healthy, isNumaKnown ? listed.Unit.Device.NumaNode : null)),
        ];
    }

    public AllocationPolicy AllocationPolicy { get; }

    /// <summary>In order of the cards' families and indices, then of the cores.</summary>
    public EquatableArray<ListedUnit> Units { get; }

    /// <summary>The same, as the kubelet is told.</summary>
    public EquatableArray<KubeletDevice> ForKubelet { get; }

    /// <summary>Where the units are that may be allocated.</summary>
    public IEnumerable<Position> Positions =>
        Units.Where(listed => listed.State == UnitState.Healthy).Select(listed => listed.Unit.Position);

    public ListedUnit? Find(string id) => _byId.GetValueOrDefault(id);

    public bool Equals(UnitList? other) => other is not null && ForKubelet.Equals(other.ForKubelet);

    public override bool Equals(object? obj) => Equals(obj as UnitList);

    public override int GetHashCode() => ForKubelet.GetHashCode();
}
