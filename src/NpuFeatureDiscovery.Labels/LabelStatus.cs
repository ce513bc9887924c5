namespace NpuFeatureDiscovery.Labels;

/// <summary>
/// How the labels of a program stand now, for those who show it: it reads nothing. Added by
/// <see cref="LabelsServiceCollectionExtensions.AddNpuLabels"/>.
/// </summary>
public sealed class LabelStatus
{
    private readonly LabelService _service;
    private readonly LabelPublisher _publisher;
    private readonly ILabelSink _sink;
    private readonly LabelMetrics _metrics;

    internal LabelStatus(LabelService service, LabelPublisher publisher, ILabelSink sink, LabelMetrics metrics) =>
        (_service, _publisher, _sink, _metrics) = (service, publisher, sink, metrics);

    /// <summary>Where they are published, for people.</summary>
    public string Target => _sink.Target;

    /// <summary>The labels that are to stand on the Node; <see langword="null"/> before the host could be read.</summary>
    public LabelSet? Wanted => _publisher.Wanted;

    /// <summary>What became of them; <see langword="null"/> where nobody reads them back.</summary>
    public LabelPublication? Publication => _sink.Publication;

    /// <summary>
    /// When publishing them last succeeded, also where there was nothing to write; <see langword="null"/> before the first time.
    /// </summary>
    public DateTimeOffset? SucceededAt => _metrics.SucceededAt;

    /// <summary>Why they could not be published the last time; <see langword="null"/> where they could.</summary>
    public string? Failure => _service.Failure;
}
