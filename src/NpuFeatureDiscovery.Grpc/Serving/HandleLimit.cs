using System.Runtime.InteropServices;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>How many handles the process may have, by getrlimit(2), which .NET does not offer.</summary>
internal static partial class HandleLimit
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE
    private const ulong Reserve = 32;

    /// <summary>Whether few handles are left after one that was just made: the kernel gives the lowest number that is free.</summary>
    public static bool IsNear(SafeHandle newest) =>
        GetLimit(OpenFiles, out var limit) == 0 && (ulong)newest.DangerousGetHandle() + Reserve >= limit.Soft;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    /// <summary>struct rlimit: https://man7.org/linux/man-pages/man2/getrlimit.2.html.</summary>
    private readonly struct Limit
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }
}
