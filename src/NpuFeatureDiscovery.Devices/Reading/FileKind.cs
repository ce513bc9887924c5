using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Which file a path leads to: another one has another identity, also under the same name.</summary>
internal readonly record struct FileIdentity(ulong Inode, uint DeviceMajor, uint DeviceMinor);

/// <summary>
/// What statx(2) says of a path. .NET tells a character device only of open files, and opening an NPU's node takes the device for
/// that moment; and it tells a file that is not there from one that may not be looked at only by an exception, which costs more
/// than all the reading of a second.
/// </summary>
internal static partial class FileKind
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint TypeAndMode = 0x3; // STATX_TYPE | STATX_MODE
    private const uint LinkCount = 0x4; // STATX_NLINK
    private const uint InodeNumber = 0x100; // STATX_INO
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int TypeMask = 0xF000; // S_IFMT
    private const int CharacterDevice = 0x2000; // S_IFCHR
    private const int RegularFile = 0x8000; // S_IFREG
    private const int NoEntry = 2; // ENOENT
    private const int NoFolder = 20; // ENOTDIR

    /// <summary>Whether a path, or what it links to, is a character device.</summary>
    public static bool IsCharacterDevice(string path) => Type(path) == CharacterDevice;

    /// <summary>Whether a path, or what it links to, is a character device or a regular file.</summary>
    public static bool IsCharacterDeviceOrRegularFile(string path) => Type(path) is CharacterDevice or RegularFile;

    /// <summary>Whether it is certain that nothing is there.</summary>
    public static bool IsMissing(string path) =>
        Statx(CurrentDirectory, path, flags: 0, TypeAndMode, out _) != 0
        && IsMissing(Marshal.GetLastPInvokeError());

    /// <summary>Whether an error number of the kernel says that nothing is there.</summary>
    public static bool IsMissing(int error) => error is NoEntry or NoFolder;

    /// <summary>The identity of what a path leads to.</summary>
    /// <returns>0, or the kernel's error number.</returns>
    public static int Identify(string path, out FileIdentity identity)
    {
        var failed = Statx(CurrentDirectory, path, flags: 0, InodeNumber, out var status) != 0;
        identity = failed ? default : new FileIdentity(status.Inode, status.DeviceMajor, status.DeviceMinor);
        return failed ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Whether an open file is still in a folder, and was not removed or replaced.</summary>
    public static bool IsLinked(SafeFileHandle file) => Statx(file, "", EmptyPath, LinkCount, out var status) == 0 && status.Links > 0;

    private static int Type(string path) =>
        Statx(CurrentDirectory, path, flags: 0, TypeAndMode, out var status) == 0 ? status.Mode & TypeMask : 0;

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out Status status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle file, string path, int flags, uint mask, out Status status);

    /// <summary>The kernel's struct statx, the same on every architecture: https://man7.org/linux/man-pages/man2/statx.2.html.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
