using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary><c>metrics-exporter</c> as a process.</summary>
public sealed class MetricsExporterTests : IDisposable
{
    private const int Deadline = 60_000;

    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_scrape_shows_the_cards_as_they_are(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        _host.AddRngd(0);
        using var exporter = Start();
        using var client = await ClientAsync(exporter, token);

        var before = await client.GetStringAsync("/metrics", token);
        card.Set("alive", "0\n");
        var after = await UntilAsync(client, text => Alive(text).Contains("0"), token);

        Assert.That(Alive(before), Is.EqualTo(["1", "1"]));
        Assert.That(Alive(after), Is.EquivalentTo(["0", "1"]));
        Assert.That(before, Does.Contain("furiosa_npu_hw_temperature{").And.Contain("furiosa_npu_uptime{"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_card_that_hangs_is_not_alive_and_delays_no_other(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        _host.AddWarboy(1);
        using var exporter = Start();
        using var client = await ClientAsync(exporter, token);

        card.Hang("heartbeat");
        // The counter is read at the same time as the cards, so that it may tell of it one scrape later.
        var text = await UntilAsync(
            client, text => Alive(text).Contains("0") && text.Contains("npu_metrics_exporter_device_errors_total{device=\"npu0\",reason=\"timeout\"}"),
            token);
        card.EndHang("heartbeat", "1\n");

        Assert.That(text.Split('\n').Where(line => line.StartsWith("furiosa_npu_uptime{")), Has.One.Contains("device=\"npu1\""));
        await UntilAsync(client, text => !Alive(text).Contains("0"), token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Utilization_and_the_name_of_the_node_are_shown_where_they_are_asked_for(CancellationToken token)
    {
        _host.AddWarboy(0);
        using var exporter = Start("--profile", "base-units", "--enable-npu-utilization", "--node-name", "node-1");
        using var client = await ClientAsync(exporter, token);

        var text = await UntilAsync(client, text => text.Contains("furiosa_npu_utilization_ratio{"), token);

        Assert.That(text.Split('\n').Where(line => line.StartsWith("furiosa_npu_utilization_ratio{")), Has.Exactly(2).Items.And.All.EndsWith(" 0"));
        Assert.That(text.Split('\n').Where(line => line.StartsWith("furiosa_npu_info{")), Is.All.Contains("node=\"node-1\""));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Without_options_there_is_no_utilization_and_no_Pod(CancellationToken token)
    {
        _host.AddWarboy(0);
        using var exporter = Start();
        using var client = await ClientAsync(exporter, token);

        Assert.That(await client.GetStringAsync("/metrics", token), Does.Not.Contain("utilization").And.Not.Contain("pod_resources").And.Not.Contain("node="));
    }

    [TestCase("sdk,current", "choose one")]
    [TestCase("gamma", "sdk, base-units, current")]
    public async Task Profiles_that_do_not_go_together_are_exit_code_2(string profiles, string words)
    {
        var result = await CommandLine.RunAsync("metrics-exporter", "--root", _host.Path, "--profile", profiles);

        Assert.That((result.ExitCode, result.Error.Contains(words)), Is.EqualTo((2, true)), result.Error);
    }

    [Test]
    public async Task The_exporter_of_the_SDK_is_metrics_exporter() => Assert.That(
        (await CommandLine.RunAsAsync(ProgramName.MetricsExporter, "--help")).Output,
        Is.EqualTo((await CommandLine.RunAsync("metrics-exporter", "--help")).Output));

    private Daemon Start(params string[] options) => new(
        ["metrics-exporter", "--root", _host.Path, "--address", "127.0.0.1:0", "--pod-resources", "off", "--device-timeout", "3s", .. options]);

    private static async Task<HttpClient> ClientAsync(Daemon exporter, CancellationToken token)
    {
        var line = await exporter.WaitForAsync("Serving /metrics", token);
        var client = new HttpClient { BaseAddress = new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}") };
        await UntilAsync(client, text => Alive(text).Length > 0, token);
        return client;
    }

    private static async Task<string> UntilAsync(HttpClient client, Func<string, bool> isEnough, CancellationToken token)
    {
        while (true)
        {
            var text = await client.GetStringAsync("/metrics", token);
            if (isEnough(text))
                return text;
        }
    }

    private static string[] Alive(string text) =>
        [.. text.Split('\n').Where(line => line.StartsWith("furiosa_npu_alive{", StringComparison.Ordinal)).Select(line => line[^1..])];
}
