using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Deploy.Tests.Manifests;

/// <summary>The program takes the containers' command lines, and an overlay's rights are enough for what it does then.</summary>
[CancelAfter(60_000)]
public sealed class CommandLineTests : IAsyncDisposable
{
    private readonly HostTree _host = new();
    private FakeKubernetesApi? _server;

    public CommandLineTests() => _host.AddWarboy(0);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();

        _host.Dispose();
    }

    [TestCase("nfd-feature-file", "furiosa-npu-feature-discovery", "Published 10 labels to /")]
    [TestCase("nfd-node-feature", "furiosa-npu-feature-discovery", "Published 10 labels to NodeFeature")]
    [TestCase("without-nfd", "furiosa-npu-feature-discovery", "Published 10 labels to Node 'node-1'")]
    [TestCase("cleanup", "furiosa-npu-feature-discovery", "Published 10 labels to standard output")]
    [TestCase("legacy-labeller", "furiosa-npu-labeller", "Published 2 labels to Node 'node-1'")]
    [TestCase("device-plugin", "furiosa-device-plugin", "serving at")]
    [TestCase("metrics-exporter", "furiosa-npu-metrics-exporter", "Serving /metrics")]
    [TestCase("everything-without-nfd", "furiosa-npu-feature-discovery", "Published 10 labels to Node 'node-1'")]
    public async Task A_container_does_its_work(string overlay, string daemonSet, string logged, CancellationToken token)
    {
        var made = await Overlay.RenderAsync(overlay, token);
        var config = made.Of("ConfigMap").SingleOrDefault().Text("data", "config.yaml");
        var container = made.DaemonSets.Single(set => Overlay.NameOf(set) == daemonSet)["spec"]["template"]["spec"]["containers"][0];

        using var process = new ContainerProcess(container, _host, await EnvironmentAsync(made, token), config);

        await process.WaitForAsync(logged, token);
    }

    [Test]
    public async Task A_cleanup_takes_away_what_is_on_the_Node(CancellationToken token)
    {
        var labeller = await Overlay.RenderAsync("without-nfd", token);
        using (var agent = new ContainerProcess(labeller.Containers.Single().Container, _host, await EnvironmentAsync(labeller, token)))
            await agent.WaitForAsync("Published 10 labels", token);
        var cleanup = await Overlay.RenderAsync("cleanup", token);

        using var process = new ContainerProcess(cleanup.Containers[0].Container, _host, await EnvironmentAsync(cleanup, token));
        var result = await process.EndAsync(token);

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Does.Contain("Node 'node-1': removed"));
    }

    /// <summary>What an account with the overlay's rights finds its API server by; nothing where it has none.</summary>
    private async Task<Dictionary<string, string>> EnvironmentAsync(Overlay overlay, CancellationToken token)
    {
        if (overlay.Rules.Length == 0)
            return [];

        if (_server is null)
        {
            _server = await FakeKubernetesApi.StartAsync(token);
            await _server.AddNodeFeaturesAsync();
            using var admin = new KubernetesClient(_server.Admin, TimeProvider.System);
            await admin.ApplyAsync(KubernetesResource.Nodes.Named("node-1"), new JsonObject(), "setup", false, token);
        }

        return new() { ["KUBECONFIG"] = (await _server.AddAccountAsync(overlay.Rules)).Source.Split(" of ")[1] };
    }
}
