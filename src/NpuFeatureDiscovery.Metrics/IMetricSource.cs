using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>Gives metrics when they are asked for. All that are registered are shown at <c>/metrics</c>.</summary>
public interface IMetricSource
{
    /// <summary>
    /// What the source is called in the metrics of the scrape itself, such as <c>npu</c>: the label <c>collector</c> of
    /// <c>npu_feature_discovery_scrape_collector_success</c>. No two sources of a program have the same.
    /// </summary>
    string Name { get; }

    /// <summary>Takes the metrics as they are now. It is not called again before it has ended.</summary>
    /// <param name="cancellationToken">Cancelled when the deadline is over, after which nobody waits for the result.</param>
    /// <returns>Families whose names no other source uses.</returns>
    ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken);
}
