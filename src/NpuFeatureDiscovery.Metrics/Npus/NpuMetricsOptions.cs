using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>Which metrics of the cards are shown, and how long a card may take.</summary>
public sealed class NpuMetricsOptions
{
    /// <summary>The generations of names and units, of <see cref="MetricProfiles"/>.</summary>
    /// <value>At least one; <c>sdk</c> and <c>current</c> not together. Default: <c>sdk</c>.</value>
    public IList<string> Profiles { get; set; } = [MetricProfiles.Sdk];

    /// <summary>How long the reading of one card may take, before it counts as not alive.</summary>
    /// <value>More than zero. Default: 1 second.</value>
    public TimeSpan DeviceTimeout { get; set; } = SensorReader.DefaultDeviceTimeout;

    /// <summary>Whether the utilization of cores is shown. Of RNGD no driver tells it.</summary>
    /// <value>
    /// <see langword="true"/>: the counters of Warboy cards are read once a second, and the mean of the last 10 seconds is shown.
    /// <see langword="false"/> (default): it is not.
    /// </value>
    public bool Utilization { get; set; }

    /// <summary>Whether the kubelet is asked which Pods hold the cards.</summary>
    /// <value>
    /// <see langword="true"/> (default): <c>furiosa_npu_allocation_info</c> is shown, what is wrong with allocations, and
    /// <c>furiosa_npu_pod_resources_up</c>. <see langword="false"/>: they are not.
    /// </value>
    public bool Pods { get; set; } = true;

    /// <summary>Whether the gauges of the cards name the Pod that holds the card or core. Needs <see cref="Pods"/>.</summary>
    /// <value>
    /// <see langword="true"/>: they have the labels <c>namespace</c>, <c>pod</c> and <c>container</c> where one holds it all, and alone;
    /// counters have none, as they would seem to begin anew whenever a Pod comes or goes. <see langword="false"/> (default): none has.
    /// </value>
    public bool PodLabels { get; set; }

    /// <summary>
    /// How the cluster calls the node: label <c>node</c> of the series in <c>sdk</c> and of <c>furiosa_npu_info</c> in
    /// <c>base-units</c>, <c>hostname</c> in <c>current</c>.
    /// </summary>
    /// <value>Default: <see langword="null"/>, for no such label.</value>
    public string? NodeName { get; set; }
}
