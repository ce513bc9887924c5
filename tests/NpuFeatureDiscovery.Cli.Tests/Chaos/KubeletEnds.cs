using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>What a kubelet does to its plugins when it ends at a bad moment, or loses them.</summary>
internal static class KubeletEnds
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("kubelet killed", KillAsync),
        new("kubelet stopped", StopAsync),
        new("kubelet killed again and again", KillAgainAndAgainAsync),
        new("kubelet killed before it answers Register", KillBeforeAnswerAsync),
        new("kubelet killed after Register", KillAfterRegisterAsync),
        new("kubelet killed before it reads a list", KillBeforeListAsync),
        new("kubelet killed after it read a list", KillAfterListAsync),
        new("kubelet killed inside Allocate", KillInsideAllocateAsync),
        new("connection dropped inside Allocate", DropInsideAllocateAsync),
        new("registrations refused", RefuseAsync),
        new("connections left without an answer", HangConnectionsAsync),
    ];

    private static async Task KillAsync(ChaosNode node, CancellationToken token)
    {
        await node.Kubelet.KillAsync();
        await node.AnyTimeAsync(50, token);
        await node.StartKubeletAsync(token);
    }

    private static async Task StopAsync(ChaosNode node, CancellationToken token)
    {
        await node.Kubelet.StopAsync();
        await node.AnyTimeAsync(50, token);
        await node.StartKubeletAsync(token);
    }

    private static async Task KillAgainAndAgainAsync(ChaosNode node, CancellationToken token)
    {
        for (var times = node.Random.Next(2, 6); times > 0; times--)
        {
            await node.Kubelet.KillAsync();
            // Its socket is there, and nobody listens.
            node.Kubelet.Bind();
            await node.AnyTimeAsync(20, token);
            await node.Kubelet.StartAsync(token);
            await node.AnyTimeAsync(100, token);
        }

        await node.RestartKubeletAsync(token);
    }

    private static async Task KillBeforeAnswerAsync(ChaosNode node, CancellationToken token)
    {
        node.Kubelet.Faults.HangsRegistrations = true;
        await node.RestartKubeletAsync(token);
        await node.UntilAsync(HasRegistration, token);
        node.Kubelet.Faults.HangsRegistrations = false;
        await node.RestartKubeletAsync(token);
    }

    /// <summary>Since 1.26 it dials before it answers, and before that afterwards.</summary>
    private static async Task KillAfterRegisterAsync(ChaosNode node, CancellationToken token)
    {
        await node.RestartKubeletAsync(token);
        await node.UntilAsync(HasRegistration, token);
        await node.AnyTimeAsync(5, token);
        await node.RestartKubeletAsync(token);
    }

    private static async Task KillBeforeListAsync(ChaosNode node, CancellationToken token)
    {
        await node.RestartKubeletAsync(token);
        await node.UntilAsync(state => state.LiveStreams > 0, token);
        await node.RestartKubeletAsync(token);
    }

    private static async Task KillAfterListAsync(ChaosNode node, CancellationToken token)
    {
        await node.RestartKubeletAsync(token);
        await node.UntilAsync(state => state.Lists is [.., var last] && last.Start == state.Starts, token);
        await node.RestartKubeletAsync(token);
    }

    private static async Task KillInsideAllocateAsync(ChaosNode node, CancellationToken token)
    {
        var calls = Allocate(node, token);
        await node.AnyTimeAsync(3, token);
        await node.RestartKubeletAsync(token);
        await calls;
    }

    private static async Task DropInsideAllocateAsync(ChaosNode node, CancellationToken token)
    {
        var registrations = node.Kubelet.State.Registrations.Count;
        var calls = Allocate(node, token);
        await node.AnyTimeAsync(3, token);
        node.Kubelet.DropStreams(ChaosNode.Resource);
        await calls;
        await node.UntilAsync(state => state.Registrations.Count > registrations, token);
    }

    private static async Task RefuseAsync(ChaosNode node, CancellationToken token)
    {
        node.Kubelet.Faults.RefuseNextRegistrations(node.Random.Next(1, 4));
        await node.RestartKubeletAsync(token);
        await node.UntilAsync(state => state.Registrations is [.., { Refusal: null }], token);
    }

    private static async Task HangConnectionsAsync(ChaosNode node, CancellationToken token)
    {
        node.Kubelet.Faults.HangsConnections = true;
        await node.RestartKubeletAsync(token);
        await node.AnyTimeAsync(300, token);
        node.Kubelet.Faults.HangsConnections = false;
        await node.RestartKubeletAsync(token);
    }

    private static bool HasRegistration(KubeletState state) => state.Registrations is [.., var last] && last.Start == state.Starts;

    private static Task Allocate(ChaosNode node, CancellationToken token) =>
        Task.WhenAll(Enumerable.Range(0, node.Random.Next(1, 8)).Select(_ => AllocateAsync(node, token)));

    private static async Task AllocateAsync(ChaosNode node, CancellationToken token)
    {
        if (node.Kubelet.State.Resource(ChaosNode.Resource).HealthyIds is not [var first, ..])
            return;

        try
        {
            await node.Kubelet.AllocateAsync(ChaosNode.Resource, [first], token);
        }
        catch (Exception exception) when (exception is GrpcException or AdmissionException or ObjectDisposedException)
        {
            // The kubelet that asked is gone.
        }
    }
}
