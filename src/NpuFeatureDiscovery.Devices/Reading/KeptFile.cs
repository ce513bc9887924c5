using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>
/// An attribute that stays open and is read from its beginning each time. It is opened anew where reading fails, as sysfs does of an
/// attribute that was removed, and where the file was removed or replaced: a folder above it that is moved goes unnoticed. Not for
/// use by several threads at once.
/// </summary>
/// <remarks>
/// By open(2) and pread(2) themselves, since .NET tells a failure only by an exception, and a file that may not be read is
/// common: that is how a driver says that a core is idle.
/// </remarks>
internal sealed partial class KeptFile(string path) : IDisposable
{
    private const int ReadOnlyAndCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC
    private const int NotPermitted = 1; // EPERM
    private const int AccessDenied = 13; // EACCES

    private SafeFileHandle? _handle;

    public string Path => path;

    /// <param name="isInPlace">Whether it is known that the file was neither removed nor replaced since it was read last.</param>
    public FileReading Read(bool isInPlace = false)
    {
        // To look at the file is cheaper than to walk along the path, which is as deep as the PCI bus.
        if (_handle is not null && (isInPlace || FileKind.IsLinked(_handle)) && TryRead(_handle, out var reading, out _))
            return reading;

        return ReadAnew();
    }

    public void Dispose()
    {
        _handle?.Dispose();
        _handle = null;
    }

    private FileReading ReadAnew()
    {
        Dispose();
        var handle = Open(path, ReadOnlyAndCloseOnExec);
        if (handle.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return Failure(error);
        }

        if (!TryRead(handle, out var reading, out var readError))
        {
            handle.Dispose();
            return Failure(readError);
        }

        _handle = handle;
        return reading;
    }

    /// <summary>One call is enough: sysfs gives the whole text at once.</summary>
    [SkipLocalsInit] // A page for each of some thirty files of a card.
    private static bool TryRead(SafeFileHandle handle, out FileReading reading, out int error)
    {
        Span<byte> page = stackalloc byte[SysfsFile.PageSize + 1];
        var length = (int)ReadAt(handle, page, (nuint)page.Length, 0);
        error = length < 0 ? Marshal.GetLastPInvokeError() : 0;
        reading = length > SysfsFile.PageSize
            ? new FileReading(FileState.Unreadable, Error: SysfsFile.TooLong)
            : new FileReading(FileState.Present, SysfsFile.TextOf(page[..Math.Max(length, 0)]));
        return length >= 0;
    }

    private static FileReading Failure(int error) => FileKind.IsMissing(error)
        ? new FileReading(FileState.Absent)
        : new FileReading(
            FileState.Unreadable, Error: Marshal.GetPInvokeErrorMessage(error), IsDenied: error is NotPermitted or AccessDenied);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadAt(SafeFileHandle file, Span<byte> buffer, nuint count, nint offset);
}
