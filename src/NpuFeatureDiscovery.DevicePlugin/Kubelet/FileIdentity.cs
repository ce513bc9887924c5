using System.Runtime.InteropServices;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>Tells a file from another that later has its name, by statx(2), which .NET does not offer.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file's number on it, which the next file may get again.</param>
/// <param name="Born">When it was made, in nanoseconds; where the file system does not know, when it was last changed.</param>
internal sealed partial record FileIdentity((uint, uint) Device, ulong Inode, long Born)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint InodeTimes = 0x100 | 0x80 | 0x800; // STATX_INO | STATX_CTIME | STATX_BTIME
    private const uint BirthTime = 0x800; // STATX_BTIME

    /// <summary>Null where there is nothing, or it may not be looked at.</summary>
    public static FileIdentity? Of(string path) => Statx(CurrentDirectory, path, flags: 0, InodeTimes, out var status) == 0
        ? new FileIdentity(
            (status.DeviceMajor, status.DeviceMinor), status.Inode,
            (status.Mask & BirthTime) != 0 ? status.Born.Nanoseconds : status.Changed.Nanoseconds)
        : null;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out Status status);

    /// <summary>The kernel's struct statx, the same on every architecture: https://man7.org/linux/man-pages/man2/statx.2.html.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(0)]
        public uint Mask;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(80)]
        public Time Born;

        [FieldOffset(96)]
        public Time Changed;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    /// <summary>struct statx_timestamp.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct Time
    {
        private readonly long _seconds;
        private readonly uint _nanoseconds;

        public readonly long Nanoseconds => (_seconds * 1_000_000_000) + _nanoseconds;
    }
}
