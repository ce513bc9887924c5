using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

[CancelAfter(30_000)]
public sealed class DeviceListTests : FakeKubeletTests
{
    private static readonly IReadOnlyList<KubeletVersion> Versions = KubeletVersion.All;

    [Test]
    public async Task Lists_are_shown_as_they_were_sent_in_their_order(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_36, token);
        var plugin = await StartPluginAsync(kubelet, [ScriptedPlugin.Healthy("npu1"), ScriptedPlugin.Unhealthy("npu0")], token);

        plugin.List(
            OnNodes(new Device { Id = "a", Health = "Healthy" }, 0, 1),
            OnNodes(new Device { Id = "b", Health = "Healthy" }));

        var state = await kubelet.WaitForAsync(state => state.Lists.Count == 2, token);
        Assert.That(state.ListsOf(Npu), Is.EqualTo([
            new DeviceList(1, Npu, "npu.sock", [new("npu1", "Healthy"), new("npu0", "Unhealthy")]),
            new DeviceList(1, Npu, "npu.sock", [new("a", "Healthy", NumaNodes: [0, 1]), new("b", "Healthy", NumaNodes: [])]),
        ]));
    }

    [TestCaseSource(nameof(Versions))]
    public async Task Capacity_counts_all_devices_and_allocatable_those_that_are_exactly_healthy(
        KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        Device[] devices = [.. Healthy("npu0", "npu1"), ScriptedPlugin.Unhealthy("npu2"), new() { Id = "npu3", Health = "healthy" }];
        await StartPluginAsync(kubelet, devices, token);

        var resource = kubelet.State.Resource(Npu);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(resource.Capacity, Is.EqualTo(4));
            Assert.That(resource.Allocatable, Is.EqualTo(2));
        }
    }

    [Test]
    public async Task Of_an_id_that_is_listed_twice_the_later_counts(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);

        await StartPluginAsync(kubelet, [ScriptedPlugin.Healthy("npu0"), ScriptedPlugin.Unhealthy("npu0")], token);

        Assert.That(kubelet.State.Resource(Npu).Devices, Is.EqualTo([new Testing.Kubelet.PluginDevice("npu0", "Unhealthy")]));
        Assert.That(kubelet.State.Resource(Npu).Allocatable, Is.Zero);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task A_list_replaces_the_one_before_and_may_be_empty(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0", "npu1"), token);

        plugin.List(ScriptedPlugin.Healthy("npu1"));
        await kubelet.WaitForAsync(state => state.Resource(Npu).HealthyIds is ["npu1"], token);
        plugin.List();

        var state = await kubelet.WaitForAsync(state => state.Resource(Npu).Capacity == 0, token);
        Assert.That(state.Resource(Npu).IsStopped, Is.False);
    }

    [Test]
    public async Task Each_list_writes_the_checkpoint_and_nothing_else_does(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);
        Assert.That(kubelet.State.CheckpointWrites, Is.EqualTo(1));
        Assert.That(Folder.At("kubelet_internal_checkpoint"), Does.Exist);

        plugin.List(ScriptedPlugin.Unhealthy("npu0"));
        await kubelet.WaitForAsync(state => state.Lists.Count == 2, token);
        await kubelet.GetDevicePluginOptionsAsync(Npu, token);

        Assert.That(kubelet.State.CheckpointWrites, Is.EqualTo(2));
    }

    [Test]
    public async Task A_list_above_4_MiB_ends_the_stream(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);

        plugin.List(ScriptedPlugin.Healthy(new string('x', 4 * 1024 * 1024)));

        var state = await kubelet.WaitForAsync(state => state.LiveStreams == 0, token);
        Assert.That(state.Resource(Npu).IsStopped);
        Assert.That(state.Log, Has.One.Contains("ResourceExhausted"));
    }

    [TestCaseSource(nameof(Versions))]
    public async Task The_end_of_the_stream_takes_allocatable_away_and_leaves_capacity(
        KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0", "npu1"), token);

        plugin.EndStreams();

        var resource = (await kubelet.WaitForAsync(state => state.LiveStreams == 0, token)).Resource(Npu);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(resource.IsStopped);
            Assert.That(resource.Allocatable, Is.Zero);
            Assert.That(resource.Capacity, Is.EqualTo(2));
        }
    }

    [TestCaseSource(nameof(Versions))]
    public async Task Five_minutes_after_the_end_of_the_stream_the_devices_are_forgotten(
        KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0", "npu1"), token);
        plugin.EndStreams();
        await kubelet.WaitForAsync(state => state.LiveStreams == 0, token);

        Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.That(kubelet.State.Resource(Npu).Capacity, Is.EqualTo(2));
        Clock.Advance(TimeSpan.FromSeconds(1));

        await kubelet.WaitForAsync(state => state.Resource(Npu) is { Capacity: 0, Endpoint: null }, token);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task A_plugin_that_registers_again_in_time_is_not_forgotten(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);
        await plugin.RegisterAsync(token, resourceName: "furiosa.ai/other");
        await kubelet.WaitForAsync(state => state.Lists.Count == 2, token);
        plugin.EndStreams();
        await kubelet.WaitForAsync(state => state.LiveStreams == 0, token);

        await plugin.RegisterAsync(token);
        await kubelet.WaitForAsync(state => state.Resource(Npu).Allocatable == 1, token);
        Clock.Advance(TimeSpan.FromMinutes(5));

        await kubelet.WaitForAsync(state => state.Resource("furiosa.ai/other").Endpoint is null, token);
        Assert.That(kubelet.State.Resource(Npu).Capacity, Is.EqualTo(1));
    }

    private static Device OnNodes(Device device, params IEnumerable<long> nodes)
    {
        device.Topology = new TopologyInfo { Nodes = { nodes.Select(node => new NumaNode { Id = node }) } };
        return device;
    }
}
