namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>What tells a file from another one that took its name.</summary>
internal readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    /// <summary>Of what stands at a path, which may be a link; <see langword="null"/> where nothing can be seen.</summary>
    public static FileIdentity? Of(string path) => FileStatus.OfLink(path, FileFields.Inode, out var status) == 0
        ? new FileIdentity(status.DeviceMajor, status.DeviceMinor, status.Inode)
        : null;
}
