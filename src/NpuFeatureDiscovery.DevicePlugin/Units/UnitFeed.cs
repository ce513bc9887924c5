using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>The units of one resource, for those who answer the kubelet now, and for its streams.</summary>
internal sealed class UnitFeed
{
    private readonly LatestFeed<UnitList> _forKubelet = new();
    private volatile UnitList? _current;

    /// <summary>The units with all that is known of them; null before the first reading.</summary>
    public UnitList? Current => _current;

    public void Publish(UnitList units)
    {
        _current = units;
        _forKubelet.Publish(units);
    }

    /// <summary>The units at once, and again whenever the kubelet has to be told something else: each message costs it a write.</summary>
    public IAsyncEnumerable<UnitList> WatchAsync(CancellationToken cancellationToken) => _forKubelet.WatchAsync(cancellationToken);
}
