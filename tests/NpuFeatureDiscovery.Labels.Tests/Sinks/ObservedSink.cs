using System.Collections.Concurrent;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>Keeps how each publication ended: with a result, or <see langword="null"/> for a failure.</summary>
internal sealed class ObservedSink(ILabelSink sink) : ILabelSink
{
    private readonly ConcurrentQueue<PublishResult?> _ends = [];
    private volatile TaskCompletionSource _running = NewSignal();

    public string Target => sink.Target;

    public LabelPublication? Publication => sink.Publication;

    public IReadOnlyCollection<PublishResult?> Ends => _ends;

    /// <summary>Ends with the publication that is under way, or the first one.</summary>
    public Task Idle => _running.Task;

    public async ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        PublishResult? end = null;
        var running = _ends.IsEmpty ? _running : _running = NewSignal();
        try
        {
            end = await sink.PublishAsync(labels, cancellationToken);
            return end.Value;
        }
        finally
        {
            _ends.Enqueue(end);
            running.SetResult();
        }
    }

    public ValueTask LeaveAsync(CancellationToken cancellationToken) => sink.LeaveAsync(cancellationToken);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
