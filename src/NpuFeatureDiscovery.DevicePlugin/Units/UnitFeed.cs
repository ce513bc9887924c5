using System.Runtime.CompilerServices;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>The units of one resource, for those who answer the kubelet now, and for its streams.</summary>
internal sealed class UnitFeed
{
    private readonly LatestFeed<Sending> _sendings = new();
    private volatile UnitList? _current;
    private int _repetitions;

    /// <summary>The units with all that is known of them; null before the first reading.</summary>
    public UnitList? Current => _current;

    public void Publish(UnitList units)
    {
        _current = units;
        _sendings.Publish(new Sending(Volatile.Read(ref _repetitions), units));
    }

    /// <summary>Lets the kubelet be told once more what it knows, so that it writes its checkpoint.</summary>
    public void Repeat()
    {
        if (_current is { } units)
            _sendings.Publish(new Sending(Interlocked.Increment(ref _repetitions), units));
    }

    /// <summary>
    /// The units at once, and again whenever the kubelet has to be told something else: each message costs it a write.
    /// </summary>
    public async IAsyncEnumerable<UnitList> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var sending in _sendings.WatchAsync(cancellationToken))
            yield return sending.Units;
    }

    /// <summary>One message to the kubelet; equal to another where it need not be sent after that.</summary>
    private sealed record Sending(int Repetition, UnitList Units);
}
