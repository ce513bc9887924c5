using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>Where labels are published, which stays as it is while the part that publishes is started anew.</summary>
internal sealed class PartSink(ILabelSink sink) : ILabelSink
{
    public string Target => sink.Target;

    public LabelPublication? Publication => sink.Publication;

    /// <summary>Whether nobody publishes there again.</summary>
    public bool IsFinal { get; set; }

    public ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken) =>
        sink.PublishAsync(labels, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ReadPublishedAsync(CancellationToken cancellationToken) =>
        sink.ReadPublishedAsync(cancellationToken);

    public ValueTask LeaveAsync(CancellationToken cancellationToken) =>
        IsFinal ? sink.LeaveAsync(cancellationToken) : ValueTask.CompletedTask;
}
