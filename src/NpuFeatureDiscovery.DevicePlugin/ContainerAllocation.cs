using System.Collections.Frozen;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// What a container gets with its devices. Where it gets devices of several resources, the kubelet puts all together, and of the same
/// variable, annotation or path in the container any one wins.
/// </summary>
public sealed class ContainerAllocation
{
    /// <summary>Environment variables, by name.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Annotations of the container, for its runtime; the Pod does not show them.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Device nodes. One that the host lacks lets the container fail to start.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<ContainerDeviceNode> DeviceNodes { get; init; } = [];

    /// <summary>Files and folders of the host.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    /// <summary>
    /// Qualified names of CDI devices, such as <c>example.com/gadget=gadget-0</c>, which the runtime looks up in its CDI files
    /// (https://github.com/cncf-tags/container-device-interface). Kubelets before 1.28 ignore them.
    /// </summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> CdiDevices { get; init; } = [];
}
