using System.Globalization;

namespace NpuFeatureDiscovery.Metrics.Processes;

/// <summary>What the kernel counts of a process: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html.</summary>
/// <param name="CpuTime">Spent in user and kernel mode.</param>
/// <param name="StartAfterBoot">When it was started.</param>
/// <param name="ResidentBytes">Its memory that is in RAM.</param>
internal sealed record ProcessStatus(TimeSpan CpuTime, TimeSpan StartAfterBoot, long ResidentBytes)
{
    /// <summary>USER_HZ, which is the same on every architecture that .NET runs on.</summary>
    private const long TicksPerSecond = 100;

    /// <param name="stat">The text of <c>/proc/PID/stat</c>.</param>
    /// <param name="pageSize">In bytes.</param>
    public static ProcessStatus Parse(string stat, int pageSize)
    {
        // The second field is the program's name in parentheses, which may hold anything.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new ProcessStatus(
            Time(Field(14) + Field(15)),
            Time(Field(22)),
            Field(24) * pageSize);

        // Numbered as in the manual, where the first after the name is 3.
        long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
    }

    private static TimeSpan Time(long ticks) => TimeSpan.FromTicks(ticks * (TimeSpan.TicksPerSecond / TicksPerSecond));
}
