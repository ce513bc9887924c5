using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Tests.Agent;

/// <summary>The three parts in one process.</summary>
[CancelAfter(60_000)]
public sealed class AgentTests : IAsyncDisposable
{
    private static readonly string[] Generations =
    [
        "npu_agent_snapshot_generation", "npu_labels_snapshot_generation", "npu_device_plugin_snapshot_generation",
        "furiosa_npu_snapshot_generation",
    ];

    private readonly AgentNode _node = new();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Test]
    public async Task Labels_resource_and_metrics_are_there_at_one_address(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        _node.Host.AddRngd(0);
        await _node.StartAsync(_node.Config(), token);

        await _node.OffersAsync(2, token);
        await _node.FileHasAsync("beta.furiosa.ai/npu.count=2", token);
        var ready = await _node.GetUntilAsync("/readyz", text => !text.Contains("[-]", StringComparison.Ordinal), token);
        var metrics = await _node.GetAsync("/metrics", token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ready, Does.Contain("[+] device-plugin: ").And.Contain("[+] devices\n").And.Contain("[+] labels: "));
            Assert.That(metrics, Does.Contain("\nfuriosa_npu_alive{").And.Contain("\nnpu_labels_publications_total{")
                .And.Contain("\nnpu_device_plugin_devices{").And.Contain("\nprocess_cpu_seconds_total "));
            foreach (var part in AgentParts.All)
                Assert.That(AgentNode.Value(metrics, $"npu_agent_part_up{{part=\"{part}\"}}"), Is.EqualTo(1), part);
        }
    }

    [Test]
    public async Task A_card_that_dies_is_dead_to_all_parts_from_the_same_generation(CancellationToken token)
    {
        var card = _node.Host.AddWarboy(0);
        _node.Host.AddWarboy(1);
        await _node.StartAsync(_node.Config(), token);
        await _node.OffersAsync(2, token);
        await AgreeAsync(1, token);

        card.Set("alive", "0\n");
        await _node.OffersAsync(1, token);
        var dead = await AgreeAsync(2, token);
        card.Remove();
        await _node.FileHasAsync("beta.furiosa.ai/npu.count=1", token);
        var gone = await _node.GetUntilAsync("/metrics", text => Agree(text) is > 2, token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Alive(dead), Is.EqualTo([0, 1]));
            Assert.That(Alive(gone), Is.EqualTo([1]));
            Assert.That(_node.Kubelet.State.Resource(AgentNode.Resource).Devices, Has.Count.EqualTo(2));
        }
    }

    [Test]
    public async Task A_part_that_cannot_run_leaves_the_others_alone_and_says_why(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        // There is no API server.
        await _node.StartAsync(_node.Config(output: "node"), token);

        await _node.OffersAsync(1, token);
        var ready = await _node.GetUntilAsync("/readyz", text => text.Contains("[+] device-plugin", StringComparison.Ordinal), token);
        var metrics = await _node.GetUntilAsync(
            "/metrics", text => AgentNode.Value(text, "npu_agent_part_restarts_total{part=\"label\"}") > 1 && Alive(text) is not [], token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ready, Does.Contain("[-] label: it has failed, and is started again until it runs: "));
            Assert.That(AgentNode.Value(metrics, "npu_agent_part_up{part=\"label\"}"), Is.Zero);
            Assert.That(AgentNode.Value(metrics, "npu_agent_part_restarts_total{part=\"device-plugin\"}"), Is.Zero);
            Assert.That(Alive(metrics), Is.EqualTo([1]));
            Assert.That(_node.Log.Messages(LogLevel.Error), Has.Exactly(1).Items.And.All.Contain("Part label has failed"));
        }
    }

    [Test]
    public async Task A_part_that_could_not_run_runs_when_it_is_told_what_it_can(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(_node.Config(output: "node"), token);
        await _node.WaitForLogAsync("Part label has failed", token);

        _node.Change(_node.Config());

        await _node.FileHasAsync("beta.furiosa.ai/npu.count=1", token);
        await _node.GetUntilAsync("/readyz", text => text.Contains("[+] labels", StringComparison.Ordinal), token);
    }

    [Test]
    public async Task Only_the_part_whose_section_changes_is_started_anew(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(_node.Config(label: "onExit: remove"), token);
        await _node.OffersAsync(1, token);
        await _node.FileHasAsync("beta.furiosa.ai/npu.count=1", token);

        _node.Change(_node.Config(label: "profile: [beta, current]"));
        await _node.FileHasAsync("furiosa.ai/npu.count=1", token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_node.Kubelet.State.Registrations, Has.Count.EqualTo(1));
            Assert.That(_node.Kubelet.State.Resource(AgentNode.Resource).LiveStreams, Is.EqualTo(1));
            Assert.That(_node.Log.Messages(), Has.Exactly(1).Contains("started anew").And.Exactly(2).Contains("Part label runs")
                .And.Exactly(1).Contains("Part metrics runs"));
        }
    }

    [Test]
    public async Task Labels_are_not_withdrawn_while_their_part_is_started_anew(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(_node.Config(label: "onExit: remove"), token);
        await _node.FileHasAsync("beta.furiosa.ai/npu.count=1", token);
        var isMissing = false;
        using var watcher = new FileSystemWatcher(_node.FeaturesFolder);
        watcher.Deleted += (_, change) => isMissing |= change.Name == "npu-feature-discovery";
        watcher.EnableRaisingEvents = true;

        _node.Change(_node.Config(label: "onExit: remove\n  label: [example.com/rack=7]"));
        await _node.FileHasAsync("example.com/rack=7", token);

        Assert.That(isMissing, Is.False);
    }

    [Test]
    public async Task Disabled_devices_count_at_once_without_a_new_registration(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        _node.Host.AddWarboy(1);
        await _node.StartAsync(_node.Config(), token);
        await _node.OffersAsync(2, token);

        _node.Change(_node.Config(plugin: "disabledDevices: [{devName: npu1, nodeName: npu-001}]"));
        await _node.OffersAsync(1, token);

        Assert.That(_node.Kubelet.State.Registrations, Has.Count.EqualTo(1));
        Assert.That(_node.Log.Messages(), Has.Some.Contains("Part device-plugin takes over its changed configuration"));
    }

    [Test]
    public async Task Metrics_of_another_profile_come_at_the_same_address(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(_node.Config(), token);
        await _node.GetUntilAsync("/metrics", text => text.Contains("\nfuriosa_npu_hw_temperature{", StringComparison.Ordinal), token);

        _node.Change(_node.Config(metrics: "profile: base-units"));

        var isWhole = true;
        await _node.GetUntilAsync("/metrics", text =>
        {
            isWhole &= text.Contains("\nfuriosa_npu_alive{", StringComparison.Ordinal);
            return text.Contains("\nfuriosa_npu_temperature_celsius{", StringComparison.Ordinal);
        }, token);
        Assert.That(isWhole, Is.True, "a scrape in between has missed the cards");
    }

    [Test]
    public async Task A_broken_file_leaves_all_as_it_is_and_is_logged_and_counted(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(_node.Config(), token);
        await _node.OffersAsync(1, token);

        _node.Change(_node.Config(label: "profile: gamma"));
        await _node.WaitForLogAsync("gamma", token);
        var metrics = await _node.GetAsync("/metrics", token);
        _node.Change(_node.Config());
        await _node.WaitForLogAsync("is in order again", token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_node.Log.Messages(LogLevel.Error), Is.EqualTo([
                $"{_node.ConfigFile}:6:12: Key 'label.profile' does not take 'gamma': allowed are beta, alpha, current. "
                + "The last good configuration stays"]));
            Assert.That(AgentNode.Value(metrics, "npu_agent_configuration_reloads_total{result=\"failure\"}"), Is.EqualTo(1));
            Assert.That(_node.Log.Messages(), Has.None.Contains("started anew"));
        }
    }

    [Test]
    public async Task A_part_comes_and_goes_with_the_list_of_those_that_are_enabled(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(_node.Config(agent: "enable: [device-plugin]"), token);
        await _node.OffersAsync(1, token);
        Assert.That(await _node.GetAsync("/metrics", token), Does.Not.Contain("furiosa_npu_alive"));
        Assert.That(_node.FeatureFile, Does.Not.Exist);

        _node.Change(_node.Config(agent: "enable: label", label: "onExit: remove"));
        await _node.FileHasAsync("beta.furiosa.ai/npu.count=1", token);
        await _node.Kubelet.WaitForAsync(state => state.LiveStreams == 0, token);
        _node.Change(_node.Config(agent: "enable: metrics", label: "onExit: remove"));
        await _node.GetUntilAsync("/metrics", text => text.Contains("\nfuriosa_npu_alive{", StringComparison.Ordinal), token);

        await _node.WaitForLogAsync("Part label is no longer enabled", token);
        Assert.That(_node.FeatureFile, Does.Not.Exist);
    }

    [Test]
    public async Task What_runs_can_be_asked_for_its_services(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(_node.Config(), token);
        await _node.OffersAsync(1, token);
        var state = _node.Get<AgentState>();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(state.Monitor.Latest?.Devices, Has.Count.EqualTo(1));
            Assert.That(state.Find<ILabelSink>(AgentParts.Label)?.Target, Is.EqualTo(_node.FeatureFile));
            Assert.That(state.Find<DevicePluginStatus>(AgentParts.DevicePlugin), Is.Not.Null);
            Assert.That(state.Find<NpuFeatureDiscovery.Devices.Sensors.SensorReader>(AgentParts.Metrics), Is.Not.Null);
            Assert.That(state.Find<DeviceMonitor>(AgentParts.Metrics), Is.SameAs(state.Monitor));
        }
    }

    [Test]
    public async Task At_its_end_each_part_leaves_as_it_is_told(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(_node.Config(label: "onExit: remove"), token);
        await _node.OffersAsync(1, token);
        await _node.FileHasAsync("beta.furiosa.ai/npu.count=1", token);

        await _node.StopAsync(token);

        Assert.That(_node.FeatureFile, Does.Not.Exist);
        await _node.Kubelet.WaitForAsync(state => state.LiveStreams == 0, token);
        Assert.That(_node.Log.Messages(LogLevel.Error).Concat(_node.Log.Messages(LogLevel.Warning)), Is.Empty);
    }

    private Task<string> AgreeAsync(long generation, CancellationToken token) =>
        _node.GetUntilAsync("/metrics", text => Agree(text) == generation, token);

    /// <summary>The generation that all parts tell; null where they do not agree yet.</summary>
    private static double? Agree(string metrics)
    {
        var told = Generations.Select(name => AgentNode.Value(metrics, name)).Distinct().ToArray();
        return told.Length == 1 ? told[0] : null;
    }

    private static double[] Alive(string metrics) => [.. metrics.Split('\n')
        .Where(line => line.StartsWith("furiosa_npu_alive{", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..]))];
}
