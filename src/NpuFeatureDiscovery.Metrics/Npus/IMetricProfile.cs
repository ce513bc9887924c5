using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>One generation of metric names and units; see <see cref="MetricProfiles"/>.</summary>
internal interface IMetricProfile
{
    string Name { get; }

    IEnumerable<MetricFamily> CreateFamilies(NpuScrape scrape);
}
