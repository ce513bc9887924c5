using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NpuFeatureDiscovery;

/// <summary>
/// What statx(2) says of a file, of which .NET tells a part: https://man7.org/linux/man-pages/man2/statx.2.html. The structure is the
/// same on every architecture. Each library that needs it has its own.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal readonly partial struct FileStatus
{
    /// <summary>stx_mask: what the file system knows.</summary>
    [FieldOffset(0)]
    public readonly FileFields Known;

    [FieldOffset(16)]
    public readonly uint Links;

    [FieldOffset(20)]
    public readonly uint Owner;

    [FieldOffset(24)]
    public readonly uint Group;

    /// <summary>stx_mode: the type, and who may do what.</summary>
    [FieldOffset(28)]
    public readonly ushort Mode;

    [FieldOffset(32)]
    public readonly ulong Inode;

    /// <summary>In bytes; of other things than regular files what their file system makes of it.</summary>
    [FieldOffset(40)]
    public readonly ulong Size;

    [FieldOffset(80)]
    public readonly FileTime Born;

    [FieldOffset(96)]
    public readonly FileTime Changed;

    [FieldOffset(136)]
    public readonly uint DeviceMajor;

    [FieldOffset(140)]
    public readonly uint DeviceMinor;

    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH

    /// <summary>Of what a path leads to.</summary>
    /// <returns>0, or the kernel's error number.</returns>
    public static int Of(string path, FileFields fields, out FileStatus status) => Error(Statx(CurrentDirectory, path, 0, fields, out status));

    /// <summary>Of what stands at a path, which may be a link.</summary>
    /// <returns>0, or the kernel's error number.</returns>
    public static int OfLink(string path, FileFields fields, out FileStatus status) =>
        Error(Statx(CurrentDirectory, path, NoFollow, fields, out status));

    /// <summary>Of an open file.</summary>
    /// <returns>0, or the kernel's error number.</returns>
    public static int Of(SafeFileHandle file, FileFields fields, out FileStatus status) =>
        Error(Statx(file, "", EmptyPath, fields, out status));

    private static int Error(int result) => result == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, FileFields fields, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle file, string path, int flags, FileFields fields, out FileStatus status);
}
