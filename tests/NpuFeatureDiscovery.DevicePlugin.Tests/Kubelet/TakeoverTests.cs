using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

/// <summary>Two plugins for one resource: by the version, another thing happens.</summary>
[CancelAfter(30_000)]
public sealed class TakeoverTests : FakeKubeletTests
{
    private static readonly IReadOnlyList<KubeletVersion> Versions = KubeletVersion.All;

    [TestCaseSource(nameof(Versions))]
    public async Task The_newest_registration_is_the_one_that_is_called(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token, "old.sock");
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token, "new.sock");
        plugin.OnAllocate = _ => new()
        {
            ContainerResponses = { new V1Beta1.ContainerAllocateResponse { Envs = { ["BY"] = "new" } } },
        };

        var response = await kubelet.AllocateAsync(Npu, ["npu0"], token);

        Assert.That(response.Envs["BY"], Is.EqualTo("new"));
        Assert.That(kubelet.State.Resource(Npu),
            Has.Property("LiveStreams").EqualTo(2).And.Property("Endpoint").EqualTo("new.sock"));
    }

    [TestCaseSource(nameof(Versions))]
    public async Task What_the_old_plugin_lists_overwrites_what_the_new_one_has_listed(
        KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var old = await StartPluginAsync(kubelet, Healthy("npu0"), token, "old.sock");
        await StartPluginAsync(kubelet, Healthy("npu0", "npu1"), token, "new.sock");
        Assert.That(kubelet.State.Resource(Npu).Allocatable, Is.EqualTo(2));

        old.List();

        await kubelet.WaitForAsync(state => state.Resource(Npu).Allocatable == 0, token);
    }

    [Test]
    public async Task In_1_20_the_end_of_the_old_stream_is_ignored(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        var old = await StartPluginAsync(kubelet, Healthy("npu0"), token, "old.sock");
        await StartPluginAsync(kubelet, Healthy("npu0"), token, "new.sock");

        old.EndStreams();

        var state = await kubelet.WaitForAsync(state => state.LiveStreams == 1, token);
        Assert.That(state.Resource(Npu), Has.Property("Allocatable").EqualTo(1).And.Property("Endpoint").EqualTo("new.sock"));
    }

    [Test]
    public async Task In_1_26_the_end_of_the_old_stream_disconnects_the_new_plugin(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        var old = await StartPluginAsync(kubelet, Healthy("npu0"), token, "old.sock");
        await StartPluginAsync(kubelet, Healthy("npu0"), token, "new.sock");

        old.EndStreams();

        var state = await kubelet.WaitForAsync(state => state.LiveStreams == 0, token);
        Assert.That(state.Resource(Npu), Has.Property("IsStopped").True.And.Property("Allocatable").Zero);
    }

    [Test]
    public async Task In_1_26_a_plugin_that_registers_after_the_end_of_the_old_stream_stays(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        var old = await StartPluginAsync(kubelet, Healthy("npu0"), token, "old.sock");
        old.EndStreams();
        await kubelet.WaitForAsync(state => state.LiveStreams == 0, token);

        await StartPluginAsync(kubelet, Healthy("npu0"), token, "new.sock");

        Assert.That(kubelet.State.Resource(Npu), Has.Property("LiveStreams").EqualTo(1).And.Property("Allocatable").EqualTo(1));
    }

    [Test]
    public async Task In_1_36_the_end_of_the_old_stream_leaves_a_plugin_at_another_socket_alone(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_36, token);
        var old = await StartPluginAsync(kubelet, Healthy("npu0"), token, "old.sock");
        await StartPluginAsync(kubelet, Healthy("npu0"), token, "new.sock");

        old.EndStreams();

        var state = await kubelet.WaitForAsync(state => state.LiveStreams == 1, token);
        Assert.That(state.Resource(Npu), Has.Property("Allocatable").EqualTo(1).And.Property("Endpoint").EqualTo("new.sock"));
    }

    [Test]
    public async Task In_1_36_the_old_plugin_takes_over_again_when_the_new_one_ends(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_36, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token, "old.sock");
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token, "new.sock");

        plugin.EndStreams();

        var state = await kubelet.WaitForAsync(state => state.LiveStreams == 1, token);
        Assert.That(state.Resource(Npu), Has.Property("Allocatable").EqualTo(1).And.Property("Endpoint").EqualTo("old.sock"));
    }

    [Test]
    public async Task In_1_36_the_end_of_the_old_stream_stops_a_new_plugin_at_the_same_socket(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_36, token);
        var old = await StartPluginAsync(kubelet, Healthy("npu0"), token);
        File.Delete(Folder.At("npu.sock"));
        await StartPluginAsync(kubelet, Healthy("npu0"), token);

        old.EndStreams();

        var state = await kubelet.WaitForAsync(state => state.LiveStreams == 1, token);
        Assert.That(state.Resource(Npu), Has.Property("IsStopped").True.And.Property("Allocatable").Zero);
    }
}
