namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>Tells a file from another that later has its name.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file's number on it, which the next file may get again.</param>
/// <param name="Born">When it was made, in nanoseconds; where the file system does not know, when it was last changed.</param>
internal sealed record FileIdentity((uint, uint) Device, ulong Inode, long Born)
{
    /// <summary>Null where there is nothing, or it may not be looked at.</summary>
    public static FileIdentity? Of(string path) =>
        FileStatus.Of(path, FileFields.Inode | FileFields.Changed | FileFields.Born, out var status) == 0
            ? new FileIdentity(
                (status.DeviceMajor, status.DeviceMinor), status.Inode,
                (status.Known & FileFields.Born) != 0 ? status.Born.Nanoseconds : status.Changed.Nanoseconds)
            : null;
}
