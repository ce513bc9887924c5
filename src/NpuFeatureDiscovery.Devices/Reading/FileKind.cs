using Microsoft.Win32.SafeHandles;

namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Which file a path leads to: another one has another identity, also under the same name.</summary>
internal readonly record struct FileIdentity(ulong Inode, uint DeviceMajor, uint DeviceMinor);

/// <summary>
/// What statx(2) says of a path. .NET tells a character device only of open files, and opening an NPU's node takes the device for
/// that moment; and it tells a file that is not there from one that may not be looked at only by an exception, which costs more
/// than all the reading of a second.
/// </summary>
internal static class FileKind
{
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
    public static bool IsMissing(string path) => IsMissing(FileStatus.Of(path, FileFields.TypeAndMode, out _));

    /// <summary>Whether an error number of the kernel says that nothing is there.</summary>
    public static bool IsMissing(int error) => error is NoEntry or NoFolder;

    /// <summary>The identity of what a path leads to.</summary>
    /// <returns>0, or the kernel's error number.</returns>
    public static int Identify(string path, out FileIdentity identity)
    {
        var error = FileStatus.Of(path, FileFields.Inode, out var status);
        identity = error == 0 ? Identity(status) : default;
        return error;
    }

    public static FileIdentity Identity(in FileStatus status) => new(status.Inode, status.DeviceMajor, status.DeviceMinor);

    /// <summary>Whether an open file is still in a folder, and was not removed or replaced.</summary>
    public static bool IsLinked(SafeFileHandle file) =>
        FileStatus.Of(file, FileFields.Links, out var status) == 0 && status.Links > 0;

    private static int Type(string path) =>
        FileStatus.Of(path, FileFields.TypeAndMode, out var status) == 0 ? status.Mode & TypeMask : 0;
}
