namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>A file or folder of the host that a container gets.</summary>
public sealed record ContainerMount
{
    /// <param name="hostPath">Its path on the host.</param>
    /// <exception cref="ArgumentException">The path does not begin with <c>/</c>.</exception>
    public ContainerMount(string hostPath) => HostPath = ContainerPath = AbsolutePath.Check(hostPath);

    /// <summary>Its path on the host.</summary>
    public string HostPath { get; }

    /// <summary>Its path in the container.</summary>
    /// <value>Default: as on the host.</value>
    /// <exception cref="ArgumentException">The path does not begin with <c>/</c>.</exception>
    public string ContainerPath { get; init => field = AbsolutePath.Check(value); }

    /// <summary>Whether the container may not write there.</summary>
    /// <value><see langword="true"/> (default): it may read. <see langword="false"/>: it may read and write.</value>
    public bool IsReadOnly { get; init; } = true;
}
