using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>Messages of the wire as plain records.</summary>
internal static class Translation
{
    public static PluginOptions ToRecord(this DevicePluginOptions options) =>
        new(options.PreStartRequired, options.GetPreferredAllocationAvailable);

    public static EquatableArray<PluginDevice> ToRecords(this ListAndWatchResponse list) => [.. list.Devices.Select(ToRecord)];

    public static ContainerResponse ToRecord(this ContainerAllocateResponse response) => new(
        new Dictionary<string, string>(response.Envs),
        [.. response.Devices.Select(device => new DeviceNode(device.HostPath, device.ContainerPath, device.Permissions))],
        [.. response.Mounts.Select(mount => new BindMount(mount.HostPath, mount.ContainerPath, mount.ReadOnly))],
        new Dictionary<string, string>(response.Annotations),
        [.. response.CdiDevices.Select(device => device.Name)]);

    private static PluginDevice ToRecord(Device device) =>
        new(device.Id, device.Health, device.Topology is { } topology ? [.. topology.Nodes.Select(node => node.Id)] : null);
}
