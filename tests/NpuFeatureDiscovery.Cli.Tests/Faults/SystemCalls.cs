using System.Globalization;
using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>What strace saw of a process: <c>-f -y -ttt -T</c>, and of the calls of <see cref="Traced"/>.</summary>
internal sealed partial class SystemCalls
{
    /// <summary>Calls that change a file system, and those in which a thread sleeps.</summary>
    public const string Traced = "open,openat,creat,write,pwrite64,writev,pwritev,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,"
        + "link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,truncate,ftruncate,fallocate,fsync,"
        + "futex,epoll_wait,epoll_pwait,poll,ppoll,select,pselect6,nanosleep,clock_nanosleep,read,recvmsg,accept4,restart_syscall";

    /// <summary>A call that took no longer has not slept, but waited for the processor or for a lock.</summary>
    private const double ShortestSleep = 0.001;

    /// <summary>Threads that wake within this time of each other are woken by the same thing, and the processor was awake anyway.</summary>
    private const double Together = 0.01;

    private static readonly HashSet<string> Sleeping =
    [
        "futex", "epoll_wait", "epoll_pwait", "poll", "ppoll", "select", "pselect6", "nanosleep", "clock_nanosleep", "read", "recvmsg", "accept4",
        "restart_syscall",
    ];

    private readonly List<(double Time, int Thread)> _wakes = [];
    private readonly List<string> _writes = [];

    public SystemCalls(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            Add(line);

        _wakes.Sort();
    }

    /// <summary>The calls that changed a file, as strace wrote them.</summary>
    public IReadOnlyList<string> Writes => _writes;

    /// <summary>How often a thread went on after it had slept, by thread.</summary>
    public IReadOnlyDictionary<int, int> WakesOfThreads => _wakes.GroupBy(wake => wake.Thread).ToDictionary(group => group.Key, group => group.Count());

    public int ThreadWakes => _wakes.Count;

    /// <summary>How often the process went on after all of its threads had slept.</summary>
    public int ProcessWakes => _wakes.Where((wake, index) => index == 0 || wake.Time - _wakes[index - 1].Time > Together).Count();

    private void Add(string line)
    {
        if (Call().Match(line) is not { Success: true } match)
            return;

        var name = match.Groups["name"].Value;
        // What is resumed was counted when it began, with what it is about.
        if (!match.Groups["resumed"].Success && IsWrite(name, match.Groups["rest"].Value))
            _writes.Add($"{name}({match.Groups["rest"].Value}");

        if (!Sleeping.Contains(name) || Duration().Match(line) is not { Success: true } ended)
            return;

        var duration = double.Parse(ended.Groups["time"].Value, CultureInfo.InvariantCulture);
        var time = double.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture);
        if (duration >= ShortestSleep)
            _wakes.Add((match.Groups["resumed"].Success ? time : time + duration, int.Parse(match.Groups["thread"].Value, CultureInfo.InvariantCulture)));
    }

    /// <summary>Not what is written to a socket, to a pipe or to an event, nor the names that the runtime gives to its threads.</summary>
    private static bool IsWrite(string name, string arguments) => !arguments.Contains("/proc/", StringComparison.Ordinal) && name switch
    {
        "open" or "openat" => WritingOpen().IsMatch(arguments),
        "write" or "pwrite64" or "writev" or "pwritev" => FileDescriptor().IsMatch(arguments),
        _ => !Sleeping.Contains(name),
    };

    [GeneratedRegex(@"^(?<thread>\d+) +(?<time>[\d.]+) (?:(?<resumed><\.\.\. )(?<name>\w+) resumed>|(?<name>\w+)\()(?<rest>.*)$")]
    private static partial Regex Call();

    [GeneratedRegex(@"<(?<time>[\d.]+)>$")]
    private static partial Regex Duration();

    [GeneratedRegex("O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")]
    private static partial Regex WritingOpen();

    /// <summary>With -y a descriptor is followed by its path.</summary>
    [GeneratedRegex(@"^\d+</")]
    private static partial Regex FileDescriptor();
}
