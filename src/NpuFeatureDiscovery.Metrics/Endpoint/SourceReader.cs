using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Meters;
using NpuFeatureDiscovery.Metrics.Processes;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>Reads one source of metrics, counts how often it fails, and logs when it begins to.</summary>
internal sealed partial class SourceReader(IMetricSource source, TimeSpan deadline, TimeProvider timeProvider, ILogger logger)
{
    private readonly SharedRun<IReadOnlyCollection<MetricFamily>> _run =
        new(token => source.CollectAsync(token).AsTask(), deadline, timeProvider, () => source is IPromptSource { IsPrompt: true });
    private string? _lastFailure;
    private long _errors;

    public string Name => source.Name;

    public SeriesRank Rank => source switch
    {
        BuildSource or ProcessSource => SeriesRank.Own,
        MeterSource => SeriesRank.Instrument,
        _ => SeriesRank.Other,
    };

    /// <summary>The source's metrics; none where it fails or is not done within the deadline.</summary>
    public async Task<SourceReading> ReadAsync(CancellationToken cancellationToken)
    {
        var startedAt = timeProvider.GetTimestamp();
        IReadOnlyCollection<MetricFamily> families = [];
        string? failure = null;
        try
        {
            // What the program has counted itself cannot hang, and is told sooner than a thread is changed or a deadline set.
            families = Rank == SeriesRank.Own || source is MeterSource { IsPrompt: true }
                ? await source.CollectAsync(cancellationToken)
                : await _run.GetAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            failure = exception is TimeoutException ? $"it took longer than {deadline.TotalSeconds} s" : exception.Message;
            Interlocked.Increment(ref _errors);
        }

        if (Interlocked.Exchange(ref _lastFailure, failure) != failure && failure is not null)
            LogFailed(Name, failure);

        return new SourceReading(
            Name, Rank, families, timeProvider.GetElapsedTime(startedAt), failure is null, Interlocked.Read(ref _errors));
    }

    [LoggerMessage(1, LogLevel.Warning, "The metrics of collector '{Collector}' are left out: {Reason}", EventName = "SourceFailed")]
    private partial void LogFailed(string collector, string reason);
}
