namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>How a plugin's process ends, and the next takes its place.</summary>
internal static class PluginEnds
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("plugin killed", (node, token) => ReplaceAsync(node, "KILL", token)),
        new("plugin terminated", (node, token) => ReplaceAsync(node, "TERM", token)),
        new("plugin killed while it starts", KillAtStartAsync),
        new("plugin and kubelet killed", KillBothAsync),
        new("next plugin started before the last ends", OverlapAsync),
    ];

    private static async Task ReplaceAsync(ChaosNode node, string signal, CancellationToken token)
    {
        await node.Plugin.EndAsync(signal, token);
        node.StartPlugin();
    }

    private static async Task KillAtStartAsync(ChaosNode node, CancellationToken token)
    {
        for (var times = node.Random.Next(1, 4); times > 0; times--)
        {
            await ReplaceAsync(node, "KILL", token);
            await node.AnyTimeAsync(400, token);
        }

        await ReplaceAsync(node, "KILL", token);
    }

    private static async Task KillBothAsync(ChaosNode node, CancellationToken token)
    {
        await node.Kubelet.KillAsync();
        await node.Plugin.EndAsync("KILL", token);
        node.StartPlugin();
        await node.AnyTimeAsync(500, token);
        await node.StartKubeletAsync(token);
    }

    private static async Task OverlapAsync(ChaosNode node, CancellationToken token)
    {
        var last = node.Plugin;
        node.StartPlugin();
        await node.AnyTimeAsync(500, token);
        await last.EndAsync(node.Random.Next(2) == 0 ? "TERM" : "KILL", token);
    }
}
