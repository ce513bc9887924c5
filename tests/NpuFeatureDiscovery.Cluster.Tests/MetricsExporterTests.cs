using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary><c>metrics-exporter</c> beside the plugin, both at the node's kubelet.</summary>
public sealed class MetricsExporterTests : NodeTest
{
    private const string Held = "furiosa_npu_allocation_info{";

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_pod_is_named_while_it_holds_its_card(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        await PluginAsync(host, token);
        await OffersAsync(capacity: 2, allocatable: 2, token);
        using var exporter = await ExporterAsync(host, token);
        Assert.That(await LinesAsync(exporter, Held, token), Is.Empty);

        var pod = await NpuPod.CreateAsync("one", npus: 1, token);
        var card = (await pod.UntilRunningAsync(token)).Single(line => line.StartsWith("NPU_NPUNAME="))["NPU_NPUNAME=".Length..];
        // One scrape is enough: the kubelet knows the device before it starts the container.
        var held = await LinesAsync(exporter, Held, token);

        Assert.That(held, Has.Length.EqualTo(1));
        Assert.That(
            held[0], Does.Contain($"device=\"{card}\"").And.Contains("namespace=\"default\"").And.Contains("pod=\"one\"")
                .And.Contains("container=\"npu\"").And.Contains($"resource=\"{NpuPod.Resource}\"").And.EndsWith(" 1"));

        await pod.DeleteAsync(token);
        await Cluster.UntilAsync(async () => (await LinesAsync(exporter, Held, token)).Length, count => count == 0, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Cores_of_a_card_are_held_by_a_pod_each(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);
        await PluginAsync(host, token, "--default-pe", "Single");
        await OffersAsync(capacity: 2, allocatable: 2, token);
        using var exporter = await ExporterAsync(host, token);

        await (await NpuPod.CreateAsync("first", npus: 1, token)).UntilRunningAsync(token);
        await (await NpuPod.CreateAsync("second", npus: 1, token)).UntilRunningAsync(token);
        var held = await LinesAsync(exporter, Held, token);

        Assert.That(held, Has.Length.EqualTo(2).And.All.Contains("device=\"npu0\""));
        Assert.That(held, Has.One.Contains("pod=\"first\"").And.One.Contains("pod=\"second\"")
            .And.One.Contains("core=\"0\"").And.One.Contains("core=\"1\""));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_exporter_outlives_the_kubelet(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);
        var plugin = await PluginAsync(host, token);
        await OffersAsync(capacity: 1, allocatable: 1, token);
        using var exporter = await ExporterAsync(host, token);
        await (await NpuPod.CreateAsync("one", npus: 1, token)).UntilRunningAsync(token);
        Assert.That(await LinesAsync(exporter, Held, token), Has.Length.EqualTo(1));

        await Kubelet.RestartAsync("KILL", token);
        await plugin.WaitForAsync(Watched, token);

        await Cluster.UntilAsync(async () => (await LinesAsync(exporter, Held, token)).Length, count => count == 1, token);
        Assert.That(await LinesAsync(exporter, "furiosa_npu_alive{", token), Has.One.EndsWith(" 1"));
    }

    /// <summary>Starts the exporter and waits until it shows the cards.</summary>
    private async Task<HttpClient> ExporterAsync(NpuHost host, CancellationToken token)
    {
        var exporter = EndWithTest(new Daemon("metrics-exporter", "--root", host.Root, "--address", "127.0.0.1:0"));
        var line = await exporter.WaitForAsync("Serving /metrics", token);
        var client = new HttpClient { BaseAddress = new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}") };
        await Cluster.UntilAsync(
            async () => (await LinesAsync(client, "furiosa_npu_alive{", token)).Length, count => count == host.Cards.Count, token);
        return client;
    }

    private static async Task<string[]> LinesAsync(HttpClient exporter, string start, CancellationToken token) =>
        [.. (await exporter.GetStringAsync("/metrics", token)).Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal))];
}
