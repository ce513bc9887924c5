namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>What happens to the plugin's process, which lives on.</summary>
internal static class ProcessFaults
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("plugin stopped and continued", StopAndContinueAsync),
        new("clients that leave in the middle", HalfCallsAsync),
        new("plugin out of handles", ExhaustHandlesAsync),
        new("second plugin at the same socket", StartSecondAtSameSocketAsync),
        new("second plugin takes the resource and ends", StartSecondAsync),
        new("cards come and go", MoveCardsAsync),
        new("ConfigMap swapped under load", ReconfigureUnderLoadAsync),
    ];

    private static async Task StopAndContinueAsync(ChaosNode node, CancellationToken token)
    {
        await node.Plugin.SignalAsync("STOP", token);
        await node.RestartKubeletAsync(token);
        await node.AnyTimeAsync(200, token);
        await node.RestartKubeletAsync(token);
        await node.Plugin.SignalAsync("CONT", token);
    }

    private static async Task HalfCallsAsync(ChaosNode node, CancellationToken token)
    {
        for (var times = node.Random.Next(5, 20); times > 0; times--)
            await HalfCall.MakeAsync(node.PluginSocket, node.Random, token);
    }

    /// <summary>By connections to its own socket, while the kubelet is started.</summary>
    private static async Task ExhaustHandlesAsync(ChaosNode node, CancellationToken token)
    {
        var limit = node.Plugin.Figures.Handles + node.Random.Next(30, 60);
        await Shell.RunAsync($"prlimit --pid {node.Plugin.Id} --nofile={limit}:", token);
        try
        {
            using (HalfCall.Connect(node.PluginSocket, 100))
            {
                await node.RestartKubeletAsync(token);
                await node.AnyTimeAsync(2000, token);
            }
        }
        finally
        {
            await Shell.RunAsync($"prlimit --pid {node.Plugin.Id} --nofile=1024:", CancellationToken.None);
        }
    }

    private static async Task StartSecondAtSameSocketAsync(ChaosNode node, CancellationToken token)
    {
        using var second = node.StartSecond(Path.GetFileName(node.PluginSocket));
        await node.AnyTimeAsync(500, token);
        await second.EndAsync(node.Random.Next(2) == 0 ? "TERM" : "KILL", token);
    }

    /// <summary>One that is killed leaves its socket behind, and is started again as a DaemonSet does.</summary>
    private static async Task StartSecondAsync(ChaosNode node, CancellationToken token)
    {
        if (node.Random.Next(2) == 0)
            await StartSecondAsync(node, "KILL", token);

        await StartSecondAsync(node, "TERM", token);
    }

    private static async Task StartSecondAsync(ChaosNode node, string signal, CancellationToken token)
    {
        var registrations = node.Kubelet.State.Registrations.Count;
        using var second = node.StartSecond("second");
        await node.UntilAsync(state => state.Registrations.Skip(registrations).Any(other => other.Endpoint == "second"), token);
        await node.AnyTimeAsync(100, token);
        await second.EndAsync(signal, token);
    }

    private static async Task MoveCardsAsync(ChaosNode node, CancellationToken token)
    {
        for (var times = node.Random.Next(1, 5); times > 0; times--)
        {
            node.MoveCard();
            await node.AnyTimeAsync(200, token);
        }
    }

    private static async Task ReconfigureUnderLoadAsync(ChaosNode node, CancellationToken token)
    {
        using var stopping = new CancellationTokenSource();
        var load = node.AllocateUntilAsync(stopping.Token, token);
        for (var times = node.Random.Next(1, 4); times > 0; times--)
        {
            await node.AnyTimeAsync(300, token);
            node.Reconfigure();
        }

        await node.UntilWellAsync(token);
        await stopping.CancelAsync();
        await load;
    }
}
