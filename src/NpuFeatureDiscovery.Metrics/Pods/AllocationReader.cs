using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Metrics.Pods;

/// <summary>Asks the kubelet at each scrape who holds what, and says so once when it begins not to tell.</summary>
internal sealed partial class AllocationReader(PodResourcesClient kubelet, IMeterFactory meters, ILogger<AllocationReader> logger)
{
    private readonly Counter<long> _errors = meters.Create("NpuFeatureDiscovery.Metrics").CreateCounter<long>(
        "npu.metrics_exporter.pod_resources.errors", "{error}", "Scrapes at which the kubelet did not tell who holds what.");

    private string? _failure;

    /// <summary>Why the kubelet did not tell the last time; null where it did.</summary>
    public string? Failure => kubelet.MissingFolder ?? _failure;

    /// <summary>What containers hold; null where the kubelet does not tell within its deadline.</summary>
    public async Task<IReadOnlyList<Allocation>?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var allocations = await kubelet.ListAsync(cancellationToken);
            _failure = null;
            return allocations;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: without the Pods the cards are shown all the same.
            _errors.Add(1);
            // Whatever it is next: it is still the same outage.
            if (_failure is null)
                LogFailed(kubelet.MissingFolder ?? exception.Message);

            _failure = exception.Message;
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Which Pods hold the NPUs is not known: {Failure}", EventName = "Failed")]
    private partial void LogFailed(string failure);
}
