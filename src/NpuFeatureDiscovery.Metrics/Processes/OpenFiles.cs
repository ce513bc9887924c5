using System.Runtime.InteropServices;

namespace NpuFeatureDiscovery.Metrics.Processes;

/// <summary>
/// Counts the entries of <c>/proc/PID/fd</c>, which with the open files of many cards takes longer than to read the cards, unless it
/// is done well.
/// </summary>
internal static partial class OpenFiles
{
    /// <summary>The two entries of every folder.</summary>
    private const int DotAndDotDot = 2;

    /// <summary>The size of the folder, which is that number from Linux 6.2 on and 0 before; else its entries.</summary>
    /// <remarks>https://docs.kernel.org/filesystems/proc.html#proc-pid-fd-list-of-symlinks-to-open-files.</remarks>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static int Count(string folder) =>
        FileStatus.Of(folder, FileFields.Size, out var status) == 0 && status.Size > 0 ? (int)status.Size : CountEntries(folder);

    /// <summary>By readdir(3) itself, since .NET also looks where each link leads.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static int CountEntries(string folder)
    {
        var entries = Open(folder);
        if (entries == 0)
            throw new IOException($"'{folder}' cannot be listed: {Marshal.GetLastPInvokeErrorMessage()}.");

        var count = 0;
        while (Next(entries) != 0)
            count++;

        _ = Close(entries);
        return count - DotAndDotDot;
    }

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string folder);

    [LibraryImport("libc", EntryPoint = "readdir")]
    private static partial nint Next(nint entries);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int Close(nint entries);
}
