using System.Diagnostics;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The cluster's kubelet, to be ended and started again.</summary>
internal static class Kubelet
{
    public const string PluginFolder = "/var/lib/kubelet/device-plugins";
    public const string Registry = "/var/lib/kubelet/plugins_registry";

    private static DateTimeOffset _startedAt;

    private static int Id => int.Parse(File.ReadAllText(Cluster.At("pid/kubelet")));

    /// <summary>Ends it by a signal and starts the same command line.</summary>
    public static async Task RestartAsync(string signal, CancellationToken token) => await StartAsync(await EndAsync(signal, token), token);

    /// <returns>The command line to start it by.</returns>
    public static async Task<string[]> EndAsync(string signal, CancellationToken token)
    {
        using var process = Process.GetProcessById(Id);
        var commandLine = File.ReadAllText($"/proc/{process.Id}/cmdline").TrimEnd('\0').Split('\0');
        commandLine[0] = File.ResolveLinkTarget($"/proc/{process.Id}/exe", returnFinalTarget: false)!.FullName;
        await Cluster.ShellAsync("kill", [$"-{signal}", $"{process.Id}"], "", token);
        await process.WaitForExitAsync(token);
        return commandLine;
    }

    /// <summary>Starts it in a session of its own, so that it outlives the tests.</summary>
    public static Task StartAsync(string[] commandLine, CancellationToken token)
    {
        _startedAt = DateTimeOffset.UtcNow;
        return Cluster.ShellAsync(
            "bash", ["-euc", """
                cd /
                setsid "${@:2}" >>"$1/log/kubelet.log" 2>&1 </dev/null &
                echo $! >"$1/pid/kubelet"
                """, "bash", Cluster.At("."), .. commandLine], "", token);
    }

    /// <summary>Whether what was said at a time, of which the API knows the second, was said by the kubelet that runs now.</summary>
    public static bool HasRunSince(DateTimeOffset second) => second > _startedAt;
}
