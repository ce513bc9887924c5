using System.Buffers.Text;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace NpuFeatureDiscovery.Cli;

/// <summary>
/// Gives back the pages of code and tables that only the start has needed, and what was done for the first time soon after: a process at
/// rest uses a third of them. They stay in the page cache, from where one that is needed after all comes back in a microsecond, until the
/// node is short of memory.
/// </summary>
internal sealed partial class StartMemory(TimeProvider timeProvider) : IHostedService, IDisposable
{
    /// <summary>
    /// After the start: the first is longer than it takes every part, with its first registration; at the second the first scrape has come,
    /// the first Pod, and the resync.
    /// </summary>
    private static readonly TimeSpan[] Times = [TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(10)];

    /// <summary>A path has 4,096 bytes at most, each of which may be shown as four.</summary>
    private const int LongestLine = 32 * 1024;

    private ITimer[] _timers = [];

    private static ReadOnlySpan<byte> NoDevice => " 00:00 "u8;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timers = Array.ConvertAll(Times, time => timeProvider.CreateTimer(_ => GiveBack(), null, time, Timeout.InfiniteTimeSpan));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => Array.ForEach(_timers, timer => timer.Dispose());

    private static void GiveBack()
    {
        try
        {
            using var smaps = File.OpenRead("/proc/self/smaps");
            foreach (var (start, length) in CleanFilePages(smaps))
            {
                // A kernel before 5.4 does not know the first, and nothing depends on either.
                _ = Advise(start, length, Advice.Cold);
                _ = Advise(start, length, Advice.DontNeed);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A kernel without smaps: the pages are kept.
        }
    }

    /// <summary>The mappings of files that can only be read and of which the process has changed no page, so that none is lost.</summary>
    /// <param name="smaps">Ten thousand lines: https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html.</param>
    internal static List<(nint Start, nuint Length)> CleanFilePages(Stream smaps)
    {
        var clean = new List<(nint, nuint)>();
        (nint, nuint)? mapping = null;
        Span<byte> buffer = new byte[LongestLine];
        var filled = 0;
        while (smaps.Read(buffer[filled..]) is > 0 and var read)
        {
            ReadOnlySpan<byte> text = buffer[..(filled + read)];
            while (text.IndexOf((byte)'\n') is >= 0 and var end)
            {
                var line = text[..end];
                text = text[(end + 1)..];
                if (Utf8Parser.TryParse(line, out long start, out var digits, 'x') && line[digits..] is [(byte)'-', .. var rest])
                    mapping = IsReadOnlyFile(line) && Utf8Parser.TryParse(rest, out long stop, out _, 'x') ? ((nint)start, (nuint)(stop - start)) : null;
                else if (mapping is { } pages && line.StartsWith("Anonymous: "u8) && line.EndsWith(" 0 kB"u8))
                    clean.Add(pages);
            }

            text.CopyTo(buffer);
            filled = text.Length;
        }

        return clean;
    }

    /// <summary>Such as <c>00400000-00405000 r-xp 00004000 fe:00 248149 /usr/bin/npu-feature-discovery</c>.</summary>
    private static bool IsReadOnlyFile(ReadOnlySpan<byte> line) =>
        line[line.IndexOf((byte)' ')..].StartsWith(" r-"u8) && line.IndexOf(NoDevice) < 0;

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, Advice advice);

    /// <summary>https://man7.org/linux/man-pages/man2/madvise.2.html.</summary>
    private enum Advice
    {
        DontNeed = 4,
        Cold = 20,
    }
}
