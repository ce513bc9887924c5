using System.Threading.Channels;

namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>Takes Events from whoever has one, and never keeps anybody waiting: what is too much is dropped and counted.</summary>
internal sealed class NodeEventQueue(NodeEventMetrics metrics)
{
    private readonly Channel<NodeEvent> _events = Channel.CreateBounded<NodeEvent>(new BoundedChannelOptions(64) { SingleReader = true });

    public void Add(NodeEvent happened)
    {
        if (!_events.Writer.TryWrite(happened))
            metrics.RecordDropped();
    }

    public IAsyncEnumerable<NodeEvent> ReadAllAsync(CancellationToken cancellationToken) => _events.Reader.ReadAllAsync(cancellationToken);
}
