using System.Runtime.CompilerServices;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Resources;

/// <summary>The devices of one resource, for those who answer the kubelet now, and for its streams.</summary>
internal sealed class DeviceFeed
{
    private readonly LatestFeed<Sending> _sendings = new();
    private volatile DeviceList? _current;
    private int _repetitions;

    /// <summary>The devices with all that is known of them; null before the first list.</summary>
    public DeviceList? Current => _current;

    public void Publish(DeviceList devices)
    {
        _current = devices;
        _sendings.Publish(new Sending(Volatile.Read(ref _repetitions), devices));
    }

    /// <summary>Lets the kubelet be told once more what it knows, so that it writes its checkpoint.</summary>
    public void Repeat()
    {
        if (_current is { } devices)
            _sendings.Publish(new Sending(Interlocked.Increment(ref _repetitions), devices));
    }

    /// <summary>
    /// The devices at once, and again whenever the kubelet has to be told something else: each message costs it a write.
    /// </summary>
    public async IAsyncEnumerable<DeviceList> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var sending in _sendings.WatchAsync(cancellationToken))
            yield return sending.Devices;
    }

    /// <summary>One message to the kubelet; equal to another where it need not be sent after that.</summary>
    private sealed record Sending(int Repetition, DeviceList Devices);
}
