using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

[CancelAfter(30_000)]
public sealed class AdmissionTests : FakeKubeletTests
{
    private static readonly IReadOnlyList<KubeletVersion> Versions = KubeletVersion.All;
    private static readonly KubeletVersion[] Strict = [KubeletVersion.V1_26, KubeletVersion.V1_36];

    [TestCaseSource(nameof(Versions))]
    public async Task Two_pods_never_get_the_same_device(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        await StartPluginAsync(kubelet, Healthy("npu0", "npu1", "npu2", "npu3"), token);

        var pods = await Task.WhenAll(kubelet.AdmitAsync(Npu, 2, token), kubelet.AdmitAsync(Npu, 2, token));

        Assert.That(pods.SelectMany(pod => pod.DeviceIds).Order(), Is.EqualTo(["npu0", "npu1", "npu2", "npu3"]));
        Assert.That(() => kubelet.AdmitAsync(Npu, 1, token),
            Throws.TypeOf<AdmissionException>().With.Message.Contains("1 of 'furiosa.ai/npu' are requested, 0 are available"));
    }

    [Test]
    public async Task A_device_that_is_not_healthy_is_not_chosen(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await StartPluginAsync(kubelet, [ScriptedPlugin.Unhealthy("npu0"), ScriptedPlugin.Healthy("npu1")], token);

        Assert.That((await kubelet.AdmitAsync(Npu, 1, token)).DeviceIds, Is.EqualTo(["npu1"]));
        Assert.That(() => kubelet.AdmitAsync(Npu, 1, token), Throws.TypeOf<AdmissionException>());
    }

    [Test]
    public async Task A_pod_that_ends_gives_its_devices_back(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token);
        var pod = await kubelet.AdmitAsync(Npu, 1, token);

        kubelet.EndPod(pod);

        Assert.That((await kubelet.AdmitAsync(Npu, 1, token)).DeviceIds, Is.EqualTo(["npu0"]));
    }

    [TestCaseSource(nameof(Versions))]
    public async Task Pods_keep_their_devices_over_restarts(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        await StartPluginAsync(kubelet, Healthy("npu0", "npu1"), token, "old.sock");
        var pod = await kubelet.AdmitAsync(Npu, 1, token);

        await kubelet.KillAsync();
        await kubelet.StartAsync(token);
        await StartPluginAsync(kubelet, Healthy("npu0", "npu1"), token, "new.sock");
        var other = await kubelet.AdmitAsync(Npu, 1, token);

        Assert.That(pod.DeviceIds.Concat(other.DeviceIds).Order(), Is.EqualTo(["npu0", "npu1"]));
        Assert.That(kubelet.State.Pods, Is.EqualTo([pod, other]));
    }

    [Test]
    public async Task An_admitted_pod_writes_the_checkpoint(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token);

        await kubelet.AdmitAsync(Npu, 1, token);

        Assert.That(kubelet.State.CheckpointWrites, Is.EqualTo(kubelet.State.Lists.Count + 1));
    }

    [Test]
    public async Task The_plugin_is_asked_what_it_prefers_with_all_that_is_free(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0", "npu1", "npu2"), token, hasPreference: true);
        ContainerPreferredAllocationRequest? asked = null;
        plugin.OnPrefer = request =>
        {
            asked = request.ContainerRequests.Single();
            return Prefer("npu2", "npu0");
        };

        var pod = await kubelet.AdmitAsync(Npu, 2, token);

        Assert.That(pod.DeviceIds, Is.EqualTo(["npu2", "npu0"]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked!.AvailableDeviceIds.Order(), Is.EqualTo(["npu0", "npu1", "npu2"]));
            Assert.That(asked.MustIncludeDeviceIds, Is.Empty);
            Assert.That(asked.AllocationSize, Is.EqualTo(2));
        }
    }

    [Test]
    public async Task Too_few_preferred_devices_are_topped_up(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0", "npu1", "npu2"), token, hasPreference: true);
        plugin.OnPrefer = _ => Prefer("npu2", "npu7");

        var pod = await kubelet.AdmitAsync(Npu, 2, token);

        Assert.That(pod.DeviceIds, Has.Count.EqualTo(2).And.Contains("npu2").And.Not.Contains("npu7"));
    }

    [Test]
    public async Task Too_many_preferred_devices_are_cut(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0", "npu1", "npu2"), token, hasPreference: true);
        plugin.OnPrefer = _ => Prefer("npu2", "npu1", "npu1");

        var pod = await kubelet.AdmitAsync(Npu, 1, token);

        Assert.That(pod.DeviceIds, Has.Count.EqualTo(1).And.None.EqualTo("npu0"));
    }

    [Test]
    public async Task A_plugin_that_fails_to_say_what_it_prefers_fails_the_pod(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token, hasPreference: true);
        plugin.OnPrefer = _ => throw new GrpcException(GrpcStatusCode.Internal, "no idea");

        await kubelet.AdmitAsync(Npu, 1, token).ExpectAsync(GrpcStatusCode.Internal, Is.EqualTo("no idea"));
    }

    [TestCase("1.20", true, false, false)]
    [TestCase("1.20", false, true, true)]
    [TestCase("1.26", true, false, true)]
    [TestCase("1.26", false, true, false)]
    public async Task Whether_it_has_a_preference_1_20_learns_from_the_registration_and_later_ones_from_the_options(
        string version, bool inOptions, bool inRegistration, bool isAsked, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(Versions.Single(candidate => candidate.Name == version), token);
        var plugin = NewPlugin();
        var asked = false;
        plugin.OnOptions = () => Task.FromResult(new V1Beta1.DevicePluginOptions { GetPreferredAllocationAvailable = inOptions });
        plugin.OnPrefer = _ =>
        {
            asked = true;
            return new();
        };
        plugin.List(ScriptedPlugin.Healthy("npu0"));
        await plugin.StartAsync(token);
        await plugin.RegisterAsync(token, options: new() { GetPreferredAllocationAvailable = inRegistration });
        await kubelet.WaitForAsync(state => state.Lists.Count == 1, token);

        await kubelet.AdmitAsync(Npu, 1, token);

        Assert.That(asked, Is.EqualTo(isAsked));
    }

    [Test]
    public async Task A_pod_whose_Allocate_fails_takes_no_device(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);
        var allocate = plugin.OnAllocate;
        plugin.OnAllocate = _ => throw new GrpcException(GrpcStatusCode.FailedPrecondition, "npu0 has gone");

        await kubelet.AdmitAsync(Npu, 1, token).ExpectAsync(GrpcStatusCode.FailedPrecondition, Is.EqualTo("npu0 has gone"));

        Assert.That(kubelet.State.Pods, Is.Empty);
        plugin.OnAllocate = allocate;
        await kubelet.AdmitAsync(Npu, 1, token);
    }

    [Test]
    public async Task A_pod_whose_Allocate_answers_nothing_leaves_its_devices_taken(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);
        plugin.OnAllocate = _ => new();

        Assert.That(() => kubelet.AdmitAsync(Npu, 1, token),
            Throws.TypeOf<AdmissionException>().With.Message.Contains("answered for no container"));
        Assert.That(() => kubelet.AdmitAsync(Npu, 1, token),
            Throws.TypeOf<AdmissionException>().With.Message.Contains("0 are available"));
    }

    [Test]
    public async Task A_pod_is_not_admitted_where_no_plugin_is_registered(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);

        Assert.That(() => kubelet.AdmitAsync(Npu, 1, token),
            Throws.TypeOf<AdmissionException>().With.Message.Contains("No plugin is registered for 'furiosa.ai/npu'"));
    }

    [Test]
    public async Task In_1_20_a_pod_is_admitted_again_whatever_its_devices_are(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token);
        var pod = await kubelet.AdmitAsync(Npu, 1, token);
        await kubelet.RestartAsync(token);

        Assert.That(() => kubelet.Readmit(pod), Throws.Nothing);
    }

    [TestCaseSource(nameof(Strict))]
    public async Task Later_a_pod_is_not_admitted_again_before_the_first_list(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token, "old.sock");
        var pod = await kubelet.AdmitAsync(Npu, 1, token);
        await kubelet.RestartAsync(token);

        Assert.That(() => kubelet.Readmit(pod), Throws.TypeOf<AdmissionException>().With.Message.Contains("npu0"));
        await StartPluginAsync(kubelet, Healthy("npu0"), token, "new.sock");
        Assert.That(() => kubelet.Readmit(pod), Throws.Nothing);
    }

    private static PreferredAllocationResponse Prefer(params IEnumerable<string> ids) =>
        new() { ContainerResponses = { new ContainerPreferredAllocationResponse { DeviceIds = { ids } } } };
}
