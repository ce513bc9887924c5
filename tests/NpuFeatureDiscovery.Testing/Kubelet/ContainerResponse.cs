using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>What a plugin answers to <c>Allocate</c> for one container.</summary>
/// <param name="Envs">Environment variables.</param>
/// <param name="Devices">Device nodes, in their order.</param>
/// <param name="Mounts">Mounts, in their order.</param>
/// <param name="Annotations">Annotations of the container, for its runtime.</param>
/// <param name="CdiDevices">Names of CDI devices, in their order.</param>
public sealed record ContainerResponse(
    IReadOnlyDictionary<string, string> Envs,
    EquatableArray<DeviceNode> Devices,
    EquatableArray<BindMount> Mounts,
    IReadOnlyDictionary<string, string> Annotations,
    EquatableArray<string> CdiDevices);

/// <summary>A device node that a container gets.</summary>
/// <param name="HostPath">Its path on the host.</param>
/// <param name="ContainerPath">Its path in the container.</param>
/// <param name="Permissions">Letters of <c>r</c> (read), <c>w</c> (write) and <c>m</c> (mknod).</param>
public sealed record DeviceNode(string HostPath, string ContainerPath, string Permissions);

/// <summary>A file or folder of the host that a container gets.</summary>
/// <param name="HostPath">Its path on the host.</param>
/// <param name="ContainerPath">Its path in the container.</param>
/// <param name="IsReadOnly">Whether the container may not write it.</param>
public sealed record BindMount(string HostPath, string ContainerPath, bool IsReadOnly);
