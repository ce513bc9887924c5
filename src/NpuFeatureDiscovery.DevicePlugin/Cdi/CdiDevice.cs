namespace NpuFeatureDiscovery.DevicePlugin.Cdi;

/// <summary>What a container can ask its runtime for by name.</summary>
internal sealed class CdiDevice
{
    /// <param name="name">Its name within the kind.</param>
    /// <param name="nodes">The device nodes that a container gets with it, one at least.</param>
    /// <exception cref="ArgumentException">Runtimes would refuse it.</exception>
    public CdiDevice(string name, IReadOnlyList<CdiDeviceNode> nodes)
    {
        if (CdiName.DeviceError(name) is { } error)
            throw new ArgumentException($"'{name}' is no name of a CDI device: {error}", nameof(name));
        if (nodes.Count == 0)
            throw new ArgumentException($"CDI device '{name}' has no device node, and needs one.", nameof(nodes));

        (Name, ContainerEdits) = (name, new CdiContainerEdits(nodes));
    }

    public string Name { get; }

    public CdiContainerEdits ContainerEdits { get; }
}

/// <summary>
/// What is added to a container. No environment: a container that asks for two devices would get the variables of the last one.
/// </summary>
/// <param name="DeviceNodes">Each by a path of its own.</param>
internal sealed record CdiContainerEdits(IReadOnlyList<CdiDeviceNode> DeviceNodes);

/// <summary>A device node. Its numbers are left out: the runtime looks them up when it makes a container, as they are then.</summary>
/// <param name="Path">Where the container has it.</param>
/// <param name="HostPath">Where the host has it; null where that is the same.</param>
/// <param name="Permissions">Letters of <c>r</c> (read), <c>w</c> (write) and <c>m</c> (mknod).</param>
internal sealed record CdiDeviceNode(string Path, string? HostPath, string Permissions);
