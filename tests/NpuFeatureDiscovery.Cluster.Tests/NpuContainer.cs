namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The process of a container of ours, as the kernel sees it.</summary>
internal sealed class NpuContainer(int processId)
{
    private readonly Dictionary<string, string> _status = File.ReadLines($"/proc/{processId}/status")
        .Select(line => line.Split(':', 2)).ToDictionary(parts => parts[0], parts => parts[1].Trim());

    /// <param name="podUid">The Pod, whose containers have its id in the path of their cgroup.</param>
    public static NpuContainer Of(string podUid) => new(Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
        .Single(id => id > 0 && IsOf(podUid, id)));

    /// <summary>A line of <c>/proc/PID/status</c>.</summary>
    public string Status(string name) => _status[name];

    /// <summary>Where a file of the container is.</summary>
    public string At(string path) => $"/proc/{processId}/root{path}";

    /// <summary>What is mounted in it and can be written to, but for what every container has of its own.</summary>
    public string[] WritableMounts() =>
    [
        // https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
        .. File.ReadLines($"/proc/{processId}/mountinfo").Select(line => line.Split(' '))
            .Where(fields => fields[5].Split(',').Contains("rw"))
            .Select(fields => fields[4])
            .Where(path => path.Split('/')[1] is not ("proc" or "sys" or "dev") && path is not ("/etc/hosts" or "/etc/hostname" or "/etc/resolv.conf")).Order(StringComparer.Ordinal),
    ];

    private static bool IsOf(string podUid, int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cgroup").Contains(podUid)
                && File.ReadAllText($"/proc/{id}/cmdline").StartsWith("/usr/bin/", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile.
            return false;
        }
    }
}
