using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

[CancelAfter(30_000)]
public sealed class RegistrationTests : FakeKubeletTests
{
    private static readonly IReadOnlyList<KubeletVersion> Versions = KubeletVersion.All;
    private static readonly KubeletVersion[] Synchronous = [KubeletVersion.V1_26, KubeletVersion.V1_36];

    [TestCaseSource(nameof(Versions))]
    public async Task A_registration_is_shown_as_it_was_sent(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = NewPlugin("cards.sock");
        await plugin.StartAsync(token);

        await plugin.RegisterAsync(token, options: new() { GetPreferredAllocationAvailable = true });

        Assert.That(kubelet.State.Registrations, Is.EqualTo([new PluginRegistration(
            Start: 1, "v1beta1", "cards.sock", Npu, new PluginOptions(PreStartRequired: false, GetPreferredAllocationAvailable: true),
            Refusal: null)]));
    }

    [Test]
    public async Task A_registration_without_options_is_shown_without_them(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);

        await NewPlugin().RegisterAsync(token);

        Assert.That(kubelet.State.Registrations.Single().Options, Is.Null);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task Another_version_of_the_API_is_refused(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);

        await NewPlugin().RegisterAsync(token, version: "v1")
            .ExpectAsync(GrpcStatusCode.Unknown, Does.Contain("'v1'").And.Contain("'v1beta1'"));

        Assert.That(kubelet.State.Registrations.Single().Refusal, Is.Not.Null);
    }

    [TestCase("npu")]
    [TestCase("/npu")]
    [TestCase("furiosa.ai/")]
    [TestCase("furiosa.ai/npu/0")]
    [TestCase("kubernetes.io/npu")]
    [TestCase("furiosa.kubernetes.io/npu")]
    [TestCase("requests.furiosa.ai/npu")]
    [TestCase("Furiosa.ai/npu")]
    [TestCase("furiosa-.ai/npu")]
    [TestCase("furiosa.ai/-npu")]
    [TestCase("furiosa.ai/npu.")]
    [TestCase("furiosa.ai/npu 0")]
    [TestCase("furiosa.ai/a234567890123456789012345678901234567890123456789012345678901234")]
    public async Task A_name_that_is_not_one_of_an_extended_resource_is_refused(string name, CancellationToken token)
    {
        await StartKubeletAsync(KubeletVersion.V1_20, token);

        await NewPlugin().RegisterAsync(token, resourceName: name).ExpectAsync(GrpcStatusCode.Unknown, Does.Contain($"'{name}'"));
    }

    [TestCase("furiosa.ai/npu")]
    [TestCase("beta.furiosa.ai/npu")]
    [TestCase("furiosa.ai/RNGD_0.a-b")]
    [TestCase("a/b")]
    [TestCase("furiosa.ai/a23456789012345678901234567890123456789012345678901234567890123")]
    public async Task A_name_of_an_extended_resource_is_taken(string name, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);

        await NewPlugin().RegisterAsync(token, resourceName: name);

        Assert.That(kubelet.State.Registrations.Single().Refusal, Is.Null);
    }

    [TestCase(244, true)]
    [TestCase(245, false)]
    public async Task The_domain_of_a_name_is_at_most_253_letters_with_the_prefix_of_quotas(
        int length, bool isTaken, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        var registering = NewPlugin().RegisterAsync(token, resourceName: new string('a', length) + "/npu");

        await kubelet.WaitForAsync(state => state.Registrations.Count == 1, token);

        Assert.That(() => registering, isTaken ? Throws.Nothing : Throws.TypeOf<GrpcException>());
    }

    [Test]
    public async Task As_many_registrations_as_told_are_refused(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        var plugin = NewPlugin();
        await plugin.StartAsync(token);

        kubelet.Faults.RefuseNextRegistrations(2, "not now");

        await plugin.RegisterAsync(token).ExpectAsync(GrpcStatusCode.Unknown, Is.EqualTo("not now"));
        await plugin.RegisterAsync(token).ExpectAsync(GrpcStatusCode.Unknown, Is.EqualTo("not now"));
        await plugin.RegisterAsync(token);
        Assert.That(kubelet.State.Registrations.Select(registration => registration.Refusal),
            Is.EqualTo(["not now", "not now", null]));
    }

    [Test]
    public async Task A_kubelet_of_1_20_answers_before_it_dials_and_dials_for_a_while(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        var plugin = NewPlugin();
        plugin.List(ScriptedPlugin.Healthy("npu0"));
        await plugin.RegisterAsync(token);
        await kubelet.WaitForAsync(state => state.Log.Any(line => line.Contains("tried again in 1 s")), token);

        await plugin.StartAsync(token);
        Clock.Advance(TimeSpan.FromSeconds(1));

        await kubelet.WaitForAsync(state => state.Resource(Npu).Allocatable == 1, token);
    }

    [Test]
    public async Task A_kubelet_of_1_20_tells_nobody_that_its_dial_failed(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await NewPlugin().RegisterAsync(token);
        await kubelet.WaitForAsync(state => state.Log.Count == 1, token);

        Clock.Advance(TimeSpan.FromSeconds(10));

        var state = await kubelet.WaitForAsync(state => state.Log.Any(line => line.Contains("no answer within 10 s")), token);
        Assert.That(state.Resources, Is.Empty);
    }

    [TestCaseSource(nameof(Synchronous))]
    public async Task Later_kubelets_fail_a_registration_that_nobody_serves_for_ten_seconds(
        KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var registering = NewPlugin().RegisterAsync(token);
        await kubelet.WaitForAsync(state => state.Log.Count == 1, token);
        Assert.That(registering.IsCompleted, Is.False);

        Clock.Advance(TimeSpan.FromSeconds(10));

        await registering.ExpectAsync(GrpcStatusCode.Unknown, Does.Contain("no answer within 10 s"));
    }

    [TestCaseSource(nameof(Synchronous))]
    public async Task Later_kubelets_ask_for_the_options_before_they_answer(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = NewPlugin();
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource<V1Beta1.DevicePluginOptions>());
        plugin.OnOptions = () =>
        {
            asked.TrySetResult();
            return answer.Task;
        };
        await plugin.StartAsync(token);

        var registering = plugin.RegisterAsync(token);
        await asked.Task.WaitAsync(token);
        Assert.That(registering.IsCompleted, Is.False);
        answer.SetResult(new());
        await registering;

        await kubelet.WaitForAsync(state => state.LiveStreams == 1, token);
    }

    [TestCaseSource(nameof(Synchronous))]
    public async Task Later_kubelets_fail_a_registration_whose_plugin_gives_no_options(
        KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = NewPlugin();
        plugin.OnOptions = () => throw new GrpcException(GrpcStatusCode.Internal, "no options today");
        await plugin.StartAsync(token);

        await plugin.RegisterAsync(token).ExpectAsync(GrpcStatusCode.Unknown, Does.Contain("no options today"));

        Assert.That(kubelet.State.LiveStreams, Is.Zero);
    }

    [TestCaseSource(nameof(Synchronous))]
    public async Task Later_kubelets_register_also_a_plugin_that_no_longer_waits(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = NewPlugin();
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource<V1Beta1.DevicePluginOptions>());
        plugin.OnOptions = () =>
        {
            asked.TrySetResult();
            return answer.Task;
        };
        await plugin.StartAsync(token);
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(token);
        var registering = plugin.RegisterAsync(impatient.Token);
        await asked.Task.WaitAsync(token);

        await impatient.CancelAsync();
        Assert.That(() => registering, Throws.InstanceOf<OperationCanceledException>());
        answer.SetResult(new());

        await kubelet.WaitForAsync(state => state.LiveStreams == 1, token);
    }

    [Test]
    public async Task An_endpoint_whose_path_is_too_long_fails(CancellationToken token)
    {
        await StartKubeletAsync(KubeletVersion.V1_26, token);

        await NewPlugin().RegisterAsync(token, endpoint: new string('x', 100))
            .ExpectAsync(GrpcStatusCode.Unknown, Does.Contain("107 bytes"));
    }
}
