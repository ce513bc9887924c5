namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Whether a device may be allocated.</summary>
public enum PluginDeviceState
{
    /// <summary>It may be.</summary>
    Healthy,

    /// <summary>
    /// Something is wrong with it. The kubelet counts it and gives it to no further Pod; those that hold it run on.
    /// </summary>
    Unhealthy,

    /// <summary>People have excluded it. The kubelet is told the same as of <see cref="Unhealthy"/>.</summary>
    Disabled,
}
