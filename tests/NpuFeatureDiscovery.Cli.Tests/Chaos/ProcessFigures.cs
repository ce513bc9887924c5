namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>What a process holds, by /proc: https://man7.org/linux/man-pages/man5/proc.5.html.</summary>
internal sealed record ProcessFigures(int Handles, int Sockets, int Watches, int Threads, int ResidentKilobytes, int AnonymousKilobytes)
{
    public static ProcessFigures Of(int id)
    {
        string?[] handles = [.. Directory.GetFiles($"/proc/{id}/fd").Select(TargetOf).Where(target => target is not null)];
        var status = File.ReadAllLines($"/proc/{id}/status");
        return new ProcessFigures(
            handles.Length, handles.Count(target => target!.StartsWith("socket:", StringComparison.Ordinal)),
            handles.Count(target => target == "anon_inode:inotify"), Directory.GetDirectories($"/proc/{id}/task").Length,
            KilobytesOf(status, "VmRSS:"), KilobytesOf(status, "RssAnon:"));
    }

    /// <param name="before">What it held when it had done everything once.</param>
    /// <param name="runtimesOwn">How many threads and handles come and go with the work: each thread has a pipe.</param>
    public bool AreNoMoreThan(ProcessFigures before, int runtimesOwn) =>
        Handles <= before.Handles + runtimesOwn && Sockets <= before.Sockets && Watches <= before.Watches
        && Threads <= before.Threads + runtimesOwn;

    public void AssertNoMoreThan(ProcessFigures before, int runtimesOwn)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Handles, Is.LessThanOrEqualTo(before.Handles + runtimesOwn), "handles");
            Assert.That(Sockets, Is.LessThanOrEqualTo(before.Sockets), "sockets");
            Assert.That(Watches, Is.LessThanOrEqualTo(before.Watches), "inotify");
            Assert.That(Threads, Is.LessThanOrEqualTo(before.Threads + runtimesOwn), "threads");
        }
    }

    public override string ToString() =>
        $"{Handles} handles, {Sockets} of them sockets and {Watches} inotify, {Threads} threads, RssAnon {AnonymousKilobytes} kB";

    private static int KilobytesOf(string[] status, string name) => int.Parse(
        status.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]);

    /// <summary>Null where it was closed meanwhile.</summary>
    private static string? TargetOf(string handle)
    {
        try
        {
            return new FileInfo(handle).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
