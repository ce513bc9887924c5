namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// What the kubelet knows of the NPUs' resources now, as the health check tells it. Added by
/// <see cref="DevicePluginServiceCollectionExtensions.AddNpuDevicePlugin"/>.
/// </summary>
public sealed class DevicePluginStatus
{
    private readonly DevicePluginService _service;

    internal DevicePluginStatus(DevicePluginService service) => _service = service;

    /// <summary>
    /// What keeps the kubelet or the container runtime from knowing of the resources, a sentence each; empty where they know of all.
    /// </summary>
    public IReadOnlyList<string> Faults => _service.Faults;

    /// <summary>Each resource that the kubelet knows of, and how it is registered.</summary>
    public IReadOnlyList<string> Registrations => _service.Registrations;
}
