using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>A metric, and how much it matters where not all are shown.</summary>
internal sealed record RankedFamily(MetricFamily Family, SeriesRank Rank);
