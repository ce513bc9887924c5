using System.Globalization;

namespace NpuFeatureDiscovery.Metrics.Processes;

/// <summary>When a process was started: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html.</summary>
internal static class ProcessStart
{
    /// <summary>USER_HZ, which is the same on every architecture that .NET runs on.</summary>
    private const long TicksPerSecond = 100;

    /// <summary>Numbered as in the manual, where the first after the name is 3.</summary>
    private const int StartTime = 22;

    /// <param name="stat">The text of <c>/proc/PID/stat</c>.</param>
    public static TimeSpan AfterBoot(string stat)
    {
        // The second field is the program's name in parentheses, which may hold anything.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromTicks(
            long.Parse(fields[StartTime - 3], CultureInfo.InvariantCulture) * (TimeSpan.TicksPerSecond / TicksPerSecond));
    }
}
