using System.Runtime.InteropServices;

namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>What this process may do with a file, found out without doing it.</summary>
internal static partial class FileRights
{
    private const int ReadOnlyFileSystem = 30; // EROFS
    private const int ToExecute = 1; // X_OK
    private const int ToWrite = 2; // W_OK
    private const int ToRead = 4; // R_OK

    /// <summary>The number of the user that this process runs as.</summary>
    public static uint UserId => GetEffectiveUserId();

    /// <summary>What keeps a folder from being listed and looked into; null where nothing does.</summary>
    public static string? ReadError(string folder) => Error(folder, ToRead | ToExecute, "may not be read by");

    /// <summary>What keeps files from being made in a folder, or a socket from being connected to; null where nothing does.</summary>
    public static string? WriteError(string path) => Error(path, ToWrite, "may not be written by");

    private static string? Error(string path, int rights, string refused)
    {
        if (Access(path, rights) == 0)
            return null;

        return Marshal.GetLastPInvokeError() == ReadOnlyFileSystem
            ? "is mounted read-only"
            : $"{refused} user {UserId} ({Marshal.GetLastPInvokeErrorMessage()})";
    }

    /// <summary>https://man7.org/linux/man-pages/man2/access.2.html</summary>
    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int rights);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();
}
