using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace NpuFeatureDiscovery.Devices;

/// <summary>Hands the newest snapshot to every subscriber: a slot each, in which a newer one replaces an older.</summary>
internal sealed class SnapshotFeed
{
    private readonly Lock _lock = new();
    private ImmutableArray<Channel<NodeSnapshot>> _subscribers = [];
    private NodeSnapshot? _newest;

    /// <summary>Does nothing where the snapshot equals the newest.</summary>
    public void Publish(NodeSnapshot snapshot)
    {
        lock (_lock)
        {
            if (snapshot == _newest)
                return;

            _newest = snapshot;
            foreach (var subscriber in _subscribers)
                subscriber.Writer.TryWrite(snapshot);
        }
    }

    public async IAsyncEnumerable<NodeSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var slot = Channel.CreateBounded<NodeSnapshot>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            if (_newest is not null)
                slot.Writer.TryWrite(_newest);

            _subscribers = _subscribers.Add(slot);
        }

        try
        {
            await foreach (var snapshot in slot.Reader.ReadAllAsync(cancellationToken))
                yield return snapshot;
        }
        finally
        {
            lock (_lock)
                _subscribers = _subscribers.Remove(slot);
        }
    }
}
