namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// How the resources of the host's NPUs stand now, for those who show it. Added by
/// <see cref="DevicePluginServiceCollectionExtensions.AddNpuDevicePlugin"/>.
/// </summary>
public sealed class DevicePluginStatus
{
    private readonly DevicePluginService _service;

    internal DevicePluginStatus(DevicePluginService service) => _service = service;

    /// <summary>The resources, in the order of their names; none before the host could be read.</summary>
    public IReadOnlyList<ResourceStatus> Resources => _service.Resources;

    /// <summary>
    /// What keeps the kubelet or the container runtime from knowing of the NPUs, of all resources and of the host; empty where they know
    /// of all.
    /// </summary>
    public IReadOnlyList<string> Faults => _service.Faults;
}
