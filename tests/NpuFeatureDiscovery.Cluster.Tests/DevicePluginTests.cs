namespace NpuFeatureDiscovery.Cluster.Tests;

public sealed class DevicePluginTests : NodeTest
{
    [Test]
    [CancelAfter(Deadline)]
    public async Task A_pod_that_asks_for_one_NPU_runs_with_its_device_nodes_and_no_others(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        await PluginAsync(host, token);
        await OffersAsync(capacity: 2, allocatable: 2, token);

        var pod = await NpuPod.CreateAsync("one", npus: 1, token);
        var lines = await pod.UntilRunningAsync(token);

        var name = lines.Single(line => line.StartsWith("NPU_NPUNAME="))["NPU_NPUNAME=".Length..];
        Assert.That(name, Is.AnyOf("npu0", "npu1"));
        Assert.That(lines, Does.Contain($"NPU_DEVNAME={name}pe0-1").And.Contains($"FURIOSA_DEVICES=npu:{name[3..]}:0-1"));
        Assert.That(
            lines.Where(line => line.StartsWith("npu")),
            Is.EquivalentTo(host.Cards[int.Parse(name[3..])].Nodes.Select(Path.GetFileName)));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Pods_get_a_card_each_and_one_too_many_waits(CancellationToken token)
    {
        await PluginAsync(await HostAsync(cards: 2, token), token);
        await OffersAsync(capacity: 2, allocatable: 2, token);

        var tooMany = await NpuPod.CreateAsync("three", npus: 3, token);
        var first = await NpuPod.CreateAsync("first", npus: 1, token);
        var second = await NpuPod.CreateAsync("second", npus: 1, token);
        var devices = (await first.UntilRunningAsync(token)).Concat(await second.UntilRunningAsync(token))
            .Where(line => line.StartsWith("NPU_DEVNAME="));
        var late = await NpuPod.CreateAsync("late", npus: 1, token);

        Assert.That(devices, Is.EquivalentTo(["NPU_DEVNAME=npu0pe0-1", "NPU_DEVNAME=npu1pe0-1"]));
        await tooMany.UntilUnschedulableAsync(token);
        await late.UntilUnschedulableAsync(token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_card_that_dies_is_not_allocatable_until_it_lives(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        await PluginAsync(host, token, "--interval", "2");
        await OffersAsync(capacity: 2, allocatable: 2, token);

        host.Cards[1].Set("alive", "0\n");
        await OffersAsync(capacity: 2, allocatable: 1, token);

        host.Cards[1].Set("alive", "1\n");
        await OffersAsync(capacity: 2, allocatable: 2, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_disabled_card_is_not_allocatable_until_it_is_enabled(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        var file = Path.Combine(host.Root, "config.yaml");
        await File.WriteAllTextAsync(file, "defaultPe: Fusion\ndisabledDevices: []\ninterval: 10\n", token);
        await PluginAsync(host, token, "--config-file", file, "--node-name", Cluster.Node);
        await OffersAsync(capacity: 2, allocatable: 2, token);

        await File.WriteAllTextAsync(file, $"disabledDevices: [{{devName: npu0, nodeName: {Cluster.Node}}}]\n", token);
        await OffersAsync(capacity: 2, allocatable: 1, token);
        var lines = await (await NpuPod.CreateAsync("one", npus: 1, token)).UntilRunningAsync(token);
        Assert.That(lines, Does.Contain("NPU_NPUNAME=npu1"));

        await File.WriteAllTextAsync(file, "disabledDevices: []\n", token);
        await OffersAsync(capacity: 2, allocatable: 2, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_pod_is_told_why_it_cannot_get_its_card(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);
        var plugin = await PluginAsync(host, token);
        await OffersAsync(capacity: 1, allocatable: 1, token);

        // The plugin learns of it when the kubelet, which takes the card for healthy, has chosen it.
        await Cluster.ShellAsync("kill", ["-STOP", $"{plugin.Id}"], "", token);
        foreach (var node in host.Cards[0].Nodes)
            File.Delete(node);
        var pod = await NpuPod.CreateAsync("refused", npus: 1, token);
        await pod.UntilBoundAsync(token);
        await Cluster.ShellAsync("kill", ["-CONT", $"{plugin.Id}"], "", token);

        await pod.UntilRefusedAsync("(npu0) of 'beta.furiosa.ai/npu' has lost its device node '/dev/npu0_mgmt'", token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Cores_can_be_offered_one_by_one(CancellationToken token)
    {
        await PluginAsync(await HostAsync(cards: 1, token), token, "--default-pe", "Single");
        await OffersAsync(capacity: 2, allocatable: 2, token);

        var lines = await (await NpuPod.CreateAsync("core", npus: 1, token)).UntilRunningAsync(token);

        var device = lines.Single(line => line.StartsWith("NPU_DEVNAME="))["NPU_DEVNAME=".Length..];
        Assert.That(lines, Does.Contain(device).And.Contains("npu0_mgmt"));
        Assert.That(
            lines, Does.Not.Contain("npu0").And.Not.Contains("npu0pe0-1").And.Not.Contains(device == "npu0pe0" ? "npu0pe1" : "npu0pe0"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task With_CDI_names_a_pod_has_its_device_nodes_whether_or_not_the_runtime_knows_CDI(CancellationToken token)
    {
        // Where a runtime looks; it stays, since one that runs may watch it.
        var folder = Directory.CreateDirectory("/var/run/cdi").FullName;
        var host = await HostAsync(cards: 2, token);
        var plugin = await PluginAsync(host, token, "--cdi", "annotations", "--cdi-dir", folder);
        await OffersAsync(capacity: 2, allocatable: 2, token);
        Assert.That(Directory.EnumerateFiles(folder, "npu*"), Is.Not.Empty);

        var lines = await (await NpuPod.CreateAsync("cdi", npus: 2, token)).UntilRunningAsync(token);
        await plugin.EndAsync("TERM", token);

        Assert.That(
            lines.Where(line => line.StartsWith("npu")),
            Is.EquivalentTo(host.Cards.SelectMany(card => card.Nodes).Select(Path.GetFileName)));
        Assert.That(Directory.EnumerateFiles(folder, "npu*"), Is.Empty);
    }

    [TestCase("TERM")]
    [TestCase("KILL")]
    [CancelAfter(Deadline)]
    public async Task After_the_end_of_the_kubelet_the_plugin_is_registered_again(string signal, CancellationToken token)
    {
        var plugin = await PluginAsync(await HostAsync(cards: 2, token), token);
        var running = await RunPodAsync(token);

        await Kubelet.RestartAsync(signal, token);
        await plugin.WaitForAsync(Watched, token);

        await RunsOnAsync(running, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_kubelet_that_dies_right_after_its_start_again_and_again_finds_the_plugin_in_the_end(CancellationToken token)
    {
        var plugin = await PluginAsync(await HostAsync(cards: 2, token), token);
        var running = await RunPodAsync(token);

        var socket = Path.Combine(Kubelet.PluginFolder, "kubelet.sock");
        for (var round = 0; round < 3; round++)
        {
            var commandLine = await Kubelet.EndAsync("KILL", token);
            // It would be left behind, and be there before the next has made its own.
            File.Delete(socket);
            await Kubelet.StartAsync(commandLine, token);
            await Cluster.UntilAsync(() => Task.FromResult(File.Exists(socket)), isThere => isThere, token);
        }

        await Kubelet.RestartAsync("KILL", token);
        await plugin.WaitForAsync(Watched, token);

        await RunsOnAsync(running, token);
    }

    [TestCase("TERM")]
    [TestCase("KILL")]
    [CancelAfter(Deadline)]
    public async Task After_the_end_of_the_plugin_the_next_is_registered(string signal, CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        var plugin = await PluginAsync(host, token);
        var running = await RunPodAsync(token);

        await plugin.EndAsync(signal, token);
        await PluginAsync(host, token);

        await RunsOnAsync(running, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task When_its_socket_is_removed_the_plugin_is_registered_again(CancellationToken token)
    {
        var plugin = await PluginAsync(await HostAsync(cards: 2, token), token);
        var running = await RunPodAsync(token);

        File.Delete(Path.Combine(Kubelet.PluginFolder, "furiosa-npu"));
        await plugin.WaitForAsync("registered with the socket", token);

        await RunsOnAsync(running, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_wiped_plugin_folder_costs_nothing_even_after_a_restart_of_the_kubelet(CancellationToken token)
    {
        var plugin = await PluginAsync(await HostAsync(cards: 2, token), token);
        var running = await RunPodAsync(token);

        foreach (var file in Directory.EnumerateFiles(Kubelet.PluginFolder))
            File.Delete(file);
        await plugin.WaitForAsync("was removed", token);
        // With it the kubelet tells after its restart which Pod holds what.
        await Cluster.UntilAsync(
            () => Task.FromResult(File.Exists(Path.Combine(Kubelet.PluginFolder, "kubelet_internal_checkpoint"))), isThere => isThere, token);
        await Kubelet.RestartAsync("TERM", token);
        await plugin.WaitForAsync(Watched, token);

        await RunsOnAsync(running, token);
    }
}
