using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace NpuFeatureDiscovery.Devices;

/// <summary>
/// Hands the latest value to every subscriber: a slot each, in which a newer value replaces an older one that was not taken yet.
/// </summary>
/// <typeparam name="T">Immutable, and compared by value.</typeparam>
public sealed class LatestFeed<T> where T : class
{
    private readonly Lock _lock = new();
    private ImmutableArray<Channel<T>> _subscribers = [];
    private T? _latest;

    /// <summary>The latest value; <see langword="null"/> before the first.</summary>
    public T? Latest => Volatile.Read(ref _latest);

    /// <summary>Does nothing where the value equals the latest.</summary>
    public void Publish(T value)
    {
        lock (_lock)
        {
            if (EqualityComparer<T>.Default.Equals(value, _latest))
                return;

            Volatile.Write(ref _latest, value);
            foreach (var subscriber in _subscribers)
                subscriber.Writer.TryWrite(value);
        }
    }

    /// <summary>
    /// The latest value, and each one that differs from it from then on. A reader that is slow misses those in between, never
    /// the latest.
    /// </summary>
    public async IAsyncEnumerable<T> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var slot = Channel.CreateBounded<T>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            if (_latest is not null)
                slot.Writer.TryWrite(_latest);

            _subscribers = _subscribers.Add(slot);
        }

        try
        {
            await foreach (var value in slot.Reader.ReadAllAsync(cancellationToken))
                yield return value;
        }
        finally
        {
            lock (_lock)
                _subscribers = _subscribers.Remove(slot);
        }
    }
}
