using System.Runtime.InteropServices;

namespace NpuFeatureDiscovery;

/// <summary>The kernel's struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal readonly struct FileTime
{
    private readonly long _seconds;
    private readonly uint _nanoseconds;

    /// <summary>Since 1970.</summary>
    public long Nanoseconds => (_seconds * 1_000_000_000) + _nanoseconds;
}
