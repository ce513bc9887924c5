namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>Whether a unit may be allocated.</summary>
internal enum UnitState
{
    Healthy,

    Unhealthy,

    /// <summary>Excluded by <see cref="DevicePluginOptions.DisabledDevices"/>.</summary>
    Disabled,
}

/// <summary>A unit as it is told to the kubelet.</summary>
/// <param name="Unit">The unit, by its last reading.</param>
/// <param name="State">Whether it may be allocated.</param>
/// <param name="Reason">Why not; null where it may.</param>
/// <param name="Since">From when on that holds.</param>
internal sealed record ListedUnit(Unit Unit, UnitState State, string? Reason, DateTimeOffset Since);
