using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>Which metrics of the cards are shown, and how long a card may take.</summary>
public sealed class NpuMetricsOptions
{
    /// <summary>The generations of names and units, of <see cref="MetricProfiles"/>.</summary>
    /// <value>At least one; <c>sdk</c> and <c>current</c> not together. Default: <c>sdk</c>.</value>
    public IList<string> Profiles { get; set; } = [MetricProfiles.Sdk];

    /// <summary>How long the reading of one card may take, before it counts as not alive.</summary>
    /// <value>
    /// More than zero; what is too long for <see cref="EndpointOptions.CollectDeadline"/> ends 0.25 s before that. Default: 1 second.
    /// </value>
    public TimeSpan DeviceTimeout { get; set; } = SensorReader.DefaultDeviceTimeout;

    /// <summary>Whether the kubelet is asked which Pods hold the cards.</summary>
    /// <value><see langword="true"/> (default): <c>furiosa_npu_allocation_info</c> is shown. <see langword="false"/>: it is not.</value>
    public bool Pods { get; set; } = true;
}
