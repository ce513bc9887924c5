namespace NpuFeatureDiscovery.Devices;

/// <summary>The folder that is read as a host: <c>/</c>, a host mounted into a container, or a sample tree.</summary>
public sealed record HostRoot
{
    /// <summary>The running host itself.</summary>
    public static HostRoot Default { get; } = new("/");

    /// <param name="path">A folder that holds <c>sys</c> and <c>dev</c>; a relative path counts from the working directory.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    public HostRoot(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>The absolute path of the folder.</summary>
    public string Path { get; }

    /// <summary>
    /// Whether this is <c>/</c>, where only character devices are device nodes. Under any other root regular files stand
    /// for them as well, since an archive or a repository cannot hold device nodes.
    /// </summary>
    public bool IsHostItself => Path == "/";

    /// <summary>Where a path of the host is found under this root.</summary>
    /// <param name="hostPath">A path as the host itself names it, such as <c>/sys/class/npu_mgmt</c>.</param>
    public string Resolve(string hostPath) => IsHostItself ? hostPath : Path + hostPath;

    /// <inheritdoc/>
    public override string ToString() => Path;
}
