using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>The units of one resource, as they are decided from reading to reading.</summary>
internal sealed class UnitSource : IDeviceSource
{
    private readonly LatestFeed<EquatableArray<PluginDevice>> _units = new();

    /// <summary>Puts them in order of the cards' families and indices, then of the cores.</summary>
    public void Publish(IEnumerable<ListedUnit> units) => _units.Publish(
    [
        .. units.OrderBy(listed => listed.Unit.Device.Family).ThenBy(listed => listed.Unit.Device.Index)
            .ThenBy(listed => listed.Unit.Id.Cores).ThenBy(listed => listed.Unit.Id.DeviceId, StringComparer.Ordinal),
    ]);

    public IAsyncEnumerable<IReadOnlyList<PluginDevice>> WatchAsync(CancellationToken cancellationToken) =>
        _units.WatchAsync(cancellationToken);
}
