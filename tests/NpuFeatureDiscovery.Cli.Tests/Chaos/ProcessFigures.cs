namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>What a process holds, by /proc: https://man7.org/linux/man-pages/man5/proc.5.html.</summary>
internal sealed record ProcessFigures(int Handles, int Sockets, int Watches, int Threads, int AnonymousKilobytes)
{
    public static ProcessFigures Of(int id)
    {
        string?[] handles = [.. Directory.GetFiles($"/proc/{id}/fd").Select(TargetOf).Where(target => target is not null)];
        var memory = File.ReadLines($"/proc/{id}/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return new ProcessFigures(
            handles.Length, handles.Count(target => target!.StartsWith("socket:", StringComparison.Ordinal)),
            handles.Count(target => target == "anon_inode:inotify"), Directory.GetDirectories($"/proc/{id}/task").Length,
            int.Parse(memory.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
    }

    public override string ToString() =>
        $"{Handles} handles, {Sockets} of them sockets and {Watches} inotify, {Threads} threads, RssAnon {AnonymousKilobytes} kB";

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
