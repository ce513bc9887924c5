namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>What happens to the cards, the configuration, the kubelet and the process itself.</summary>
internal static class HostFaults
{
    private const int Soon = 30;

    public static IReadOnlyList<AgentFault> All { get; } =
    [
        new("cards come and go", Soon, FlapAsync),
        new("a card's file hangs, and comes back", Soon, HangAsync),
        new("ConfigMap swapped under load", Soon, ReconfigureAsync),
        new("kubelet killed and started", Soon, RestartKubeletAsync),
        new("kubelet's connections hang", Soon, HangKubeletAsync),
        new("agent stopped and continued", Soon, StopAndContinueAsync),
    ];

    private static async Task FlapAsync(FaultNode node, CancellationToken token)
    {
        for (var times = node.Random.Next(10, 30); times > 0; times--)
        {
            node.MoveCard();
            await node.AnyTimeAsync(50, token);
        }
    }

    private static async Task HangAsync(FaultNode node, CancellationToken token)
    {
        node.PutBackAll();
        var card = node.Random.Next(node.Cards.Count);
        await node.HangAsync(card);
        // The others are as they were, and this one is given to nobody.
        await node.UntilWellAsync(token);
        node.EndHang(card);
    }

    private static async Task ReconfigureAsync(FaultNode node, CancellationToken token)
    {
        using var stopping = new CancellationTokenSource();
        var load = node.LoadAsync(TimeSpan.FromMilliseconds(20), stopping.Token, token);
        for (var times = node.Random.Next(3, 8); times > 0; times--)
        {
            node.Reconfigure($"v{node.Random.Next(1000)}");
            await node.AnyTimeAsync(400, token);
        }

        await node.UntilWellAsync(token);
        await stopping.CancelAsync();
        await load;
    }

    private static async Task RestartKubeletAsync(FaultNode node, CancellationToken token)
    {
        await node.Kubelet.KillAsync();
        await node.AnyTimeAsync(500, token);
        await node.Kubelet.StartAsync(token);
    }

    private static async Task HangKubeletAsync(FaultNode node, CancellationToken token)
    {
        node.Kubelet.Faults.HangsConnections = true;
        await node.Kubelet.KillAsync();
        await node.Kubelet.StartAsync(token);
        await node.AnyTimeAsync(1000, token);
        node.Kubelet.Faults.HangsConnections = false;
        await node.Kubelet.KillAsync();
        await node.Kubelet.StartAsync(token);
    }

    private static async Task StopAndContinueAsync(FaultNode node, CancellationToken token)
    {
        await node.Agent.SignalAsync("STOP", token);
        node.MoveCard();
        await node.AnyTimeAsync(2000, token);
        await node.Agent.SignalAsync("CONT", token);
    }
}
