using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>A test on the cluster's node, which is left as it was found: the Pods and what was started go with the test.</summary>
[NonParallelizable]
public abstract class NodeTest : IAsyncDisposable
{
    protected const string Watched = "the kubelet watches the devices";
    protected const int Deadline = 180_000;

    private readonly List<IDisposable> _started = [];

    [SetUp]
    public Task SetUp()
    {
        Cluster.Require();
        return NpuPod.DeleteAllAsync(TestContext.CurrentContext.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_started.Count > 0)
            await NpuPod.DeleteAllAsync(CancellationToken.None);

        _started.Reverse();
        foreach (var started in _started)
            started.Dispose();
    }

    private protected async Task<NpuHost> HostAsync(int cards, CancellationToken token) =>
        EndWithTest(await NpuHost.CreateAsync(cards, token));

    /// <summary>Starts the plugin and waits until the kubelet holds its stream.</summary>
    private protected async Task<Daemon> PluginAsync(NpuHost host, CancellationToken token, params string[] options)
    {
        var plugin = EndWithTest(new Daemon(["device-plugin", "--root", host.Root, .. options]));
        await plugin.WaitForAsync(Watched, token);
        return plugin;
    }

    /// <summary>Starts the plugin of a Pod, whose socket is its own, and waits until the kubelet holds its stream.</summary>
    private protected async Task<Daemon> PluginOfAsync(string podUid, NpuHost host, CancellationToken token, params string[] options)
    {
        var plugin = EndWithTest(Daemon.StartWith(
            new() { ["POD_UID"] = podUid }, ["device-plugin", "--root", host.Root, "--socket-name", "npu-{pod}", .. options]));
        await plugin.WaitForAsync(Watched, token);
        return plugin;
    }

    private protected T EndWithTest<T>(T started) where T : IDisposable
    {
        _started.Add(started);
        return started;
    }

    /// <summary>Waits until the node offers so many NPUs.</summary>
    private protected static async Task OffersAsync(int capacity, int allocatable, CancellationToken token) => await Cluster.UntilAsync(
        () => Cluster.CountAsync(NpuPod.Resource, token), counts => counts == ($"{capacity}", $"{allocatable}"), token);

    private protected static async Task<(NpuPod Pod, string Container, string Card)> RunPodAsync(CancellationToken token)
    {
        await OffersAsync(capacity: 2, allocatable: 2, token);
        var pod = await NpuPod.CreateAsync("running", npus: 1, token);
        var card = await CardOfAsync(pod, token);
        return (pod, await pod.ContainerAsync(token), card);
    }

    /// <summary>The Pod is the same, and the other card, not its own, is what the next Pod gets.</summary>
    private protected static async Task RunsOnAsync((NpuPod Pod, string Container, string Card) running, CancellationToken token)
    {
        await OffersAsync(capacity: 2, allocatable: 2, token);
        var next = await NpuPod.CreateAsync("next", npus: 1, token);
        var card = await CardOfAsync(next, token);
        var last = await NpuPod.CreateAsync("last", npus: 1, token);

        Assert.That(card, Is.Not.EqualTo(running.Card));
        await last.UntilUnschedulableAsync(token);
        Assert.That(await running.Pod.ContainerAsync(token), Does.StartWith("Running").And.EqualTo(running.Container));
    }

    private static async Task<string> CardOfAsync(NpuPod pod, CancellationToken token) =>
        (await pod.UntilRunningAsync(token)).Single(line => line.StartsWith("NPU_NPUNAME="));
}
