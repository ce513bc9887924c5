namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>A unit as it is told to the kubelet.</summary>
internal sealed record ListedUnit : PluginDevice
{
    /// <param name="unit">The unit, by its last reading.</param>
    /// <param name="state">Whether it may be allocated.</param>
    /// <param name="reason">Why not; null where it may.</param>
    /// <param name="since">From when on that holds.</param>
    public ListedUnit(Unit unit, PluginDeviceState state, string? reason, DateTimeOffset since) : base(unit.Id.ToString())
    {
        Unit = unit;
        Name = unit.Name;
        NumaNodes = unit.Device.NumaNode is { } node ? [node] : [];
        (State, Reason, Since) = (state, reason, since);
    }

    public Unit Unit { get; }

    /// <summary>By the cards' families and indices, then by the cores.</summary>
    public static IOrderedEnumerable<ListedUnit> InOrder(IEnumerable<ListedUnit> units) => units
        .OrderBy(listed => listed.Unit.Device.Family).ThenBy(listed => listed.Unit.Device.Index)
        .ThenBy(listed => listed.Unit.Id.Cores).ThenBy(listed => listed.Id, StringComparer.Ordinal);
}
