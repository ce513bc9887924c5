namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>What happens to the folder in which the kubelet and its plugins meet.</summary>
internal static class FolderFaults
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("plugin's socket removed", RemoveSocketAsync),
        new("folder wiped", WipeAsync),
        new("folder removed and made again", RemoveAsync),
        new("folder replaced by another", ReplaceAsync),
    ];

    /// <summary>Those that a user who may not mount cannot cause.</summary>
    public static IReadOnlyList<Fault> Mounted { get; } = [new("disk full", FillAsync), new("folder read-only", MakeReadOnlyAsync)];

    private static async Task RemoveSocketAsync(ChaosNode node, CancellationToken token)
    {
        node.Kubelet.RemovePluginSockets();
        // Not until it registers again: a registration that is under way may be enough.
        while (!File.Exists(node.PluginSocket))
        {
            token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task WipeAsync(ChaosNode node, CancellationToken token)
    {
        node.Kubelet.WipeFolder();
        await node.AnyTimeAsync(50, token);
        await node.RestartKubeletAsync(token);
    }

    private static async Task RemoveAsync(ChaosNode node, CancellationToken token)
    {
        await node.Kubelet.KillAsync();
        Directory.Delete(node.PluginFolder, recursive: true);
        await node.AnyTimeAsync(100, token);
        await node.StartKubeletAsync(token);
    }

    private static async Task ReplaceAsync(ChaosNode node, CancellationToken token)
    {
        var moved = node.PluginFolder + ".old";
        await node.Kubelet.KillAsync();
        Directory.Move(node.PluginFolder, moved);
        await node.AnyTimeAsync(50, token);
        await node.StartKubeletAsync(token);
        Directory.Delete(moved, recursive: true);
    }

    /// <summary>A disk of its own, on which no more file can be made, when the plugin's socket has gone.</summary>
    private static async Task FillAsync(ChaosNode node, CancellationToken token)
    {
        await node.Kubelet.KillAsync();
        await Shell.RunAsync($"mount -t tmpfs -o size=64k,nr_inodes=16 none {node.PluginFolder}", token);
        try
        {
            await node.StartKubeletAsync(token);
            await node.UntilWellAsync(token);
            await Shell.RunAsync($"""
                cd {node.PluginFolder}
                i=0; while : >$((i++)); do :; done 2>/dev/null || true
                rm {node.PluginSocket}; : >{node.PluginSocket}.filler || true
                """, token);
            await node.AnyTimeAsync(2000, token);
            await Shell.RunAsync($"cd {node.PluginFolder} && rm -f [0-9]* *.filler", token);
            await node.UntilWellAsync(token);
            await node.Kubelet.KillAsync();
        }
        finally
        {
            // Lazily, since bound sockets keep it busy.
            await Shell.RunAsync($"umount -l {node.PluginFolder}", CancellationToken.None);
        }

        await node.StartKubeletAsync(token);
    }

    private static async Task MakeReadOnlyAsync(ChaosNode node, CancellationToken token)
    {
        await Shell.RunAsync($"mount --bind {node.PluginFolder} {node.PluginFolder}", token);
        try
        {
            // Refused for as long as somebody writes a file there.
            await Shell.RunAsync($"""
                rm {node.PluginSocket}
                for i in $(seq 100); do mount -o remount,bind,ro {node.PluginFolder} && exit; done; exit 1
                """, token);
            node.Kubelet.DropStreams(ChaosNode.Resource);
            await node.AnyTimeAsync(2000, token);
        }
        finally
        {
            await Shell.RunAsync($"umount -l {node.PluginFolder}", CancellationToken.None);
        }
    }
}
