using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace NpuFeatureDiscovery.Cli;

/// <summary>
/// Gives back, once, the pages of code and tables that only the start has needed: a process at rest uses a third of them. They stay in the
/// page cache, from where one that is needed after all comes back in a microsecond, until the node is short of memory.
/// </summary>
internal sealed partial class StartMemory(TimeProvider timeProvider) : BackgroundService
{
    /// <summary>Longer than the start takes of every part, with its first registration and its first scrape.</summary>
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Start, timeProvider, stoppingToken);
        try
        {
            GiveBack();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A kernel without smaps: the pages are kept.
        }
    }

    private static void GiveBack()
    {
        foreach (var (start, length) in CleanFilePages(File.ReadLines("/proc/self/smaps")))
        {
            // A kernel before 5.4 does not know the first, and nothing depends on either.
            _ = Advise(start, length, Advice.Cold);
            _ = Advise(start, length, Advice.DontNeed);
        }
    }

    /// <summary>The mappings of files that can only be read and of which the process has changed no page, so that none is lost.</summary>
    /// <param name="smaps">https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html.</param>
    internal static IEnumerable<(nint Start, nuint Length)> CleanFilePages(IEnumerable<string> smaps)
    {
        (nint, nuint)? mapping = null;
        foreach (var line in smaps)
        {
            if (char.IsAsciiHexDigitLower(line[0]) || char.IsAsciiDigit(line[0]))
                mapping = Mapping(line);
            else if (line.StartsWith("Anonymous: ", StringComparison.Ordinal) && line.EndsWith(" 0 kB", StringComparison.Ordinal)
                && mapping is { } clean)
                yield return clean;
        }
    }

    /// <returns>The mapping of the line, if it is one of a file that can only be read.</returns>
    private static (nint Start, nuint Length)? Mapping(ReadOnlySpan<char> line)
    {
        Span<Range> fields = stackalloc Range[6];
        line.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries);
        if (!line[fields[1]].StartsWith("r-") || line[fields[4]] is "0")
            return null;

        var range = line[fields[0]];
        var dash = range.IndexOf('-');
        var start = nint.Parse(range[..dash], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (start, (nuint)(nint.Parse(range[(dash + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) - start));
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, Advice advice);

    /// <summary>https://man7.org/linux/man-pages/man2/madvise.2.html.</summary>
    private enum Advice
    {
        DontNeed = 4,
        Cold = 20,
    }
}
