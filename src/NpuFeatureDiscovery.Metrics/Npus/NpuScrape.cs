using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>What is known of the node's cards at one scrape.</summary>
/// <param name="Cards">In order of family and index.</param>
/// <param name="NodeName">How the cluster calls the node; null where it is not known.</param>
internal sealed record NpuScrape(IReadOnlyList<NpuCard> Cards, string? NodeName = null);

/// <summary>One card at one scrape.</summary>
/// <param name="Readings">Its sensors.</param>
/// <param name="Loads">The load of its cores, as far as it is known.</param>
/// <param name="Holders">The Pods that its series name.</param>
internal sealed record NpuCard(SensorReadings Readings, IReadOnlyList<CoreLoad> Loads, CardHolders Holders)
{
    public NpuDevice Device => Readings.Device;
}
