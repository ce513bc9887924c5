using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>The metrics that a scrape has of itself.</summary>
internal static class ScrapeMetrics
{
    private const string Prefix = "npu_feature_discovery_scrape_";

    /// <summary>Their names, which no source may take.</summary>
    public static IReadOnlySet<string> TakenNames { get; } =
        Create([], dropped: 0).SelectMany(family => family.TakenNames).ToHashSet(StringComparer.Ordinal);

    /// <summary>How many series they are.</summary>
    public static int SeriesCount(int sources) => (3 * sources) + 1;

    public static IEnumerable<MetricFamily> Create(IReadOnlyCollection<SourceReading> readings, long dropped) =>
    [
        MetricFamily.Gauge($"{Prefix}collector_duration_seconds", "How long this scrape waited for a collector.",
            readings.Select(reading => Sample(reading, reading.Duration.TotalSeconds)), "seconds"),
        MetricFamily.Gauge($"{Prefix}collector_success", "Whether a collector did not fail at this scrape.",
            readings.Select(reading => Sample(reading, reading.HasSucceeded ? 1 : 0))),
        MetricFamily.Counter($"{Prefix}collector_errors_total", "Scrapes at which a collector failed or took too long.",
            readings.Select(reading => Sample(reading, reading.Errors))),
        MetricFamily.Counter($"{Prefix}dropped_series_total", "Series that were left out since the scrape would have had too many.",
            [new(dropped)]),
    ];

    private static MetricSample Sample(SourceReading reading, double value) => new(value, ("collector", reading.Name));
}
