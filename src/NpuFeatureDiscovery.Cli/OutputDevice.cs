using System.Runtime.InteropServices;

namespace NpuFeatureDiscovery.Cli;

/// <summary>What standard output leads to.</summary>
/// <param name="descriptor">The file descriptor; null for a text that stays in memory.</param>
internal sealed partial class OutputDevice(int? descriptor)
{
    // https://man7.org/linux/man-pages/man2/poll.2.html
    private const short Error = 8;

    /// <summary>Whether somebody looks at it.</summary>
    public bool IsTerminal => descriptor is { } number && IsATerminal(number) == 1;

    /// <summary>Whether it is a pipe that nobody reads from any more. .NET's console would write into it for ever.</summary>
    public bool IsClosed
    {
        get
        {
            if (descriptor is not { } number)
                return false;

            var poll = new PollDescriptor { Descriptor = number };
            return Poll(ref poll, 1, 0) > 0 && (poll.Received & Error) != 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptor, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Asked;
        public short Received;
    }
}
