namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>A device node that a container gets.</summary>
public sealed record ContainerDeviceNode
{
    /// <param name="hostPath">Its path on the host, such as <c>/dev/gadget0</c>.</param>
    /// <exception cref="ArgumentException">The path does not begin with <c>/</c>.</exception>
    public ContainerDeviceNode(string hostPath) => HostPath = ContainerPath = AbsolutePath.Check(hostPath);

    /// <summary>Its path on the host.</summary>
    public string HostPath { get; }

    /// <summary>Its path in the container.</summary>
    /// <value>Default: as on the host.</value>
    /// <exception cref="ArgumentException">The path does not begin with <c>/</c>.</exception>
    public string ContainerPath { get; init => field = AbsolutePath.Check(value); }

    /// <summary>What the container may do with it.</summary>
    /// <value>Letters of <c>r</c> (read), <c>w</c> (write) and <c>m</c> (mknod). Default: <c>rw</c>.</value>
    /// <exception cref="ArgumentException">It has another letter, or none.</exception>
    public string Permissions
    {
        get;
        init => field = value.Length > 0 && !value.AsSpan().ContainsAnyExcept('r', 'w', 'm')
            ? value
            : throw new ArgumentException($"Permissions '{value}' are none: they are one or more of the letters r, w and m.");
    } = "rw";
}
