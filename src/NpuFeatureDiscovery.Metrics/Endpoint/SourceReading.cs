using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>What one scrape got of a source.</summary>
/// <param name="Name">The source.</param>
/// <param name="Rank">Which of its metrics are left out first.</param>
/// <param name="Families">Its metrics; none where it failed.</param>
/// <param name="Duration">How long the scrape waited for it.</param>
/// <param name="HasSucceeded">Whether it did not fail.</param>
/// <param name="Errors">The scrapes at which it failed, with this one.</param>
internal sealed record SourceReading(
    string Name, SeriesRank Rank, IReadOnlyCollection<MetricFamily> Families, TimeSpan Duration, bool HasSucceeded, long Errors);
