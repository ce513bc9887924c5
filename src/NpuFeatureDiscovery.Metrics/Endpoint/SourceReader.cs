using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>Reads one source of metrics, and logs when it begins to fail.</summary>
internal sealed partial class SourceReader(IMetricSource source, TimeSpan deadline, TimeProvider timeProvider, ILogger logger)
{
    private readonly SharedRun<IReadOnlyCollection<MetricFamily>> _run =
        new(token => source.CollectAsync(token).AsTask(), deadline, timeProvider);
    private string? _lastFailure;

    /// <summary>The source's metrics; none where it fails or is not done within the deadline.</summary>
    public async Task<IReadOnlyCollection<MetricFamily>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var families = await _run.GetAsync(cancellationToken);
            Interlocked.Exchange(ref _lastFailure, null);
            return families;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = exception is TimeoutException ? $"it took longer than {deadline.TotalSeconds} s" : exception.Message;
            if (Interlocked.Exchange(ref _lastFailure, failure) != failure)
                LogFailed(source.GetType().Name, failure);

            return [];
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The metrics of {Source} are left out: {Reason}", EventName = "SourceFailed")]
    private partial void LogFailed(string source, string reason);
}
