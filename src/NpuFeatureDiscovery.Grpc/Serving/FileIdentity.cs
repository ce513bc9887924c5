using System.Runtime.InteropServices;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>What tells a file from another one that took its name: by statx(2), since .NET does not say.</summary>
internal readonly partial record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint InodeOnly = 0x100; // STATX_INO

    /// <summary>Of what stands at a path, which may be a link; <see langword="null"/> where nothing can be seen.</summary>
    public static FileIdentity? Of(string path) =>
        Statx(CurrentDirectory, path, NoFollow, InodeOnly, out var status) == 0
            ? new FileIdentity(status.DeviceMajor, status.DeviceMinor, status.Inode)
            : null;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out Status status);

    /// <summary>The kernel's struct statx, the same on every architecture: https://man7.org/linux/man-pages/man2/statx.2.html.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
