using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>The units of one resource, as they are decided from reading to reading.</summary>
internal sealed class UnitSource : IDeviceSource
{
    private readonly LatestFeed<EquatableArray<PluginDevice>> _units = new();

    public void Publish(IEnumerable<ListedUnit> units) => _units.Publish([.. ListedUnit.InOrder(units)]);

    public IAsyncEnumerable<IReadOnlyList<PluginDevice>> WatchAsync(CancellationToken cancellationToken) =>
        _units.WatchAsync(cancellationToken);
}
