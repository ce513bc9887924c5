using System.Text;

namespace NpuFeatureDiscovery.Devices.Reading;

internal enum FileState
{
    Present,
    Absent,
    Unreadable,
}

/// <param name="State">Whether there is a text.</param>
/// <param name="Text">What the file holds, without white space at the ends; empty unless present.</param>
/// <param name="Error">Why it could not be read; null unless unreadable.</param>
/// <param name="HungPath">The file of the same device whose read hangs, so that this one was not even tried; often itself.</param>
/// <param name="IsDenied">Whether it is unreadable since the kernel or the driver permits nobody, or not us, to read it.</param>
internal readonly record struct FileReading(
    FileState State, string Text = "", string? Error = null, string? HungPath = null, bool IsDenied = false);

/// <remarks>
/// Reading is synchronous on purpose: the kernel makes the text of an attribute while read(2) waits, and has no
/// asynchronous way to do it.
/// </remarks>
internal static class SysfsFile
{
    /// <summary>An attribute is at most a page: https://docs.kernel.org/filesystems/sysfs.html (Reading/Writing Attribute Data).</summary>
    public const int PageSize = 4096;

    public static readonly string TooLong = $"it is longer than a sysfs attribute can be ({PageSize} bytes)";

    private static readonly FileStreamOptions ToRead = new()
    {
        BufferSize = 0,
        Share = FileShare.ReadWrite | FileShare.Delete,
    };

    public static FileReading Read(string path)
    {
        if (FileKind.IsMissing(path))
            return new FileReading(FileState.Absent);

        try
        {
            Span<byte> page = stackalloc byte[PageSize + 1];
            using var file = new FileStream(path, ToRead);
            var length = file.ReadAtLeast(page, page.Length, throwOnEndOfStream: false);
            return length > PageSize
                ? new FileReading(FileState.Unreadable, Error: TooLong)
                : new FileReading(FileState.Present, TextOf(page[..length]));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FileReading(FileState.Absent);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new FileReading(FileState.Unreadable, Error: exception.Message);
        }
    }

    /// <summary>What an attribute says, without white space and NULs at its ends.</summary>
    public static string TextOf(ReadOnlySpan<byte> content) => Encoding.UTF8.GetString(content).Trim().Trim('\0');
}
