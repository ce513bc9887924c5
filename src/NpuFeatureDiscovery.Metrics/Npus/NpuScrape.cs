using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>What is known of the node's cards at one scrape.</summary>
/// <param name="Readings">Each card with its sensors, in order of family and index.</param>
internal sealed record NpuScrape(IReadOnlyList<SensorReadings> Readings);
