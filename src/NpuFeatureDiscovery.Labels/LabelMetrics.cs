using System.Diagnostics.Metrics;

namespace NpuFeatureDiscovery.Labels;

/// <summary>
/// What the label service counts of itself, by <see cref="System.Diagnostics.Metrics"/>, on the meter <see cref="MeterName"/>.
/// </summary>
internal sealed class LabelMetrics
{
    public const string MeterName = "NpuFeatureDiscovery.Labels";

    private readonly Counter<long> _publications;
    private readonly ILabelSink _sink;
    private readonly TimeProvider _timeProvider;
    private long _succeededAt;
    private long _generation;

    public LabelMetrics(IMeterFactory meters, ILabelSink sink, TimeProvider timeProvider)
    {
        _sink = sink;
        _timeProvider = timeProvider;
        var meter = meters.Create(MeterName);
        _publications = meter.CreateCounter<long>(
            "npu.labels.publications", "{publication}", "Passes of publishing the labels, by what they did and where.");
        meter.CreateObservableGauge(
            "npu.labels.last_success.time", LastSuccess, "s", "When the labels were last known to be published, since 1970.");
        meter.CreateObservableGauge(
            "npu.labels.snapshot.generation", Generation, null,
            "What was found of the NPUs, counted since the start, that the published labels tell.");
        meter.CreateObservableGauge(
            "npu.labels.state", State, null, "1 for how the labels stand on the Node; no series where nobody reads them back.");
    }

    /// <summary>When publishing last succeeded, also where there was nothing to write; null before.</summary>
    public DateTimeOffset? SucceededAt => Volatile.Read(ref _succeededAt) is > 0 and var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    /// <param name="result">What the sink did.</param>
    /// <param name="generation">Which snapshot is published now.</param>
    public void RecordSuccess(PublishResult result, long generation)
    {
        Volatile.Write(ref _generation, generation);
        Volatile.Write(ref _succeededAt, _timeProvider.GetUtcNow().ToUnixTimeMilliseconds());
        Record(result.ToString().ToLowerInvariant());
    }

    public void RecordFailure() => Record("failed");

    private void Record(string result) => _publications.Add(1, new("result", result), new("target", _sink.Target));

    private IEnumerable<Measurement<double>> LastSuccess() =>
        SucceededAt is { } at ? [new(at.ToUnixTimeMilliseconds() / 1000d)] : [];

    private IEnumerable<Measurement<long>> Generation() =>
        Volatile.Read(ref _generation) is > 0 and var generation ? [new(generation)] : [];

    private IEnumerable<Measurement<int>> State()
    {
        if (_sink.Publication is not { State: var current })
            yield break;

        foreach (var state in Enum.GetValues<LabelPublicationState>())
            yield return new Measurement<int>(state == current ? 1 : 0, new KeyValuePair<string, object?>("state", NameOf(state)));
    }

    private static string NameOf(LabelPublicationState state) =>
        state == LabelPublicationState.InForce ? "in_force" : state.ToString().ToLowerInvariant();
}
