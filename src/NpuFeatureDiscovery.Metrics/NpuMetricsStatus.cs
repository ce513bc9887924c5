using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>
/// What the metrics of the host's NPUs are made of, for those who show the same in another way. Added by
/// <see cref="NpuMetricsServiceCollectionExtensions.AddNpuMetrics"/>.
/// </summary>
public sealed class NpuMetricsStatus
{
    private readonly LoadSampler _sampler;

    internal NpuMetricsStatus(SensorReader sensors, PodResourcesClient? kubelet, LoadSampler sampler) =>
        (Sensors, Kubelet, _sampler) = (sensors, kubelet, sampler);

    /// <summary>Reads the cards for the metrics, and for others in turn.</summary>
    public SensorReader Sensors { get; }

    /// <summary>Asks which Pods hold the cards; <see langword="null"/> without <see cref="NpuMetricsOptions.Pods"/>.</summary>
    public PodResourcesClient? Kubelet { get; }

    /// <summary>
    /// The loads of a card's cores over the last 10 seconds, in the order of the cores; none where they are not known, as without
    /// <see cref="NpuMetricsOptions.Utilization"/> or of a card that does not work.
    /// </summary>
    public IReadOnlyList<CoreLoad> LoadsOf(NpuDevice device) => _sampler.Of(device);
}
