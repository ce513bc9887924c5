using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>How the plugin gets to be known, whatever the kubelet does.</summary>
public sealed class RegistrationTests : IAsyncDisposable
{
    private const string Resource = PluginUnderTest.Resource;
    private const int Deadline = 60_000;

    /// <summary>How often a kubelet is ended and started; NPU_KUBELET_ROUNDS for more.</summary>
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("NPU_KUBELET_ROUNDS") ?? "3");

    private readonly PluginUnderTest _plugin = new();

    public ValueTask DisposeAsync() => _plugin.DisposeAsync();

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    [CancelAfter(Deadline)]
    public async Task It_registers_by_its_socket_s_name_with_the_options_that_it_serves(KubeletVersion version, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);

        await _plugin.StartAsync(token);
        var state = await PluginUnderTest.OffersAsync(kubelet, 1, token);

        var options = await kubelet.GetDevicePluginOptionsAsync(Resource, token);
        Assert.That(state.Registrations.Single(), Is.EqualTo(new PluginRegistration(
            1, "v1beta1", "furiosa-npu", Resource, new PluginOptions(false, true), null)));
        Assert.That(options, Is.EqualTo(new PluginOptions(false, true)));
    }

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    [CancelAfter(Deadline)]
    public async Task It_waits_for_a_kubelet_that_starts_later(KubeletVersion version, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("the kubelet does not run"), token);

        await using var kubelet = await _plugin.StartKubeletAsync(token, version);

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Without_the_folder_it_is_not_ready_and_says_what_to_mount(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        _plugin.RemoveFolder();

        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("mount it into the container"), token);
        var report = await _plugin.CheckAsync(token);

        Assert.That(report.Entries["device-plugin"].Description, Does.Contain("no such folder").And.Contains("mount it into the container"));

        _plugin.MakeFolder();
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Without_the_hosts_dev_it_is_not_ready_and_says_what_to_mount(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        _plugin.Host.Delete("/dev");

        await _plugin.StartAsync(token);
        await _plugin.ReadAgainAsync(1, token);
        var report = await _plugin.CheckAsync(token);

        Assert.That(report.Entries["device-plugin"].Description, Does.StartWith($"'{_plugin.Host.At("/dev")}' is missing"));
    }

    [Test, Combinatorial]
    [CancelAfter(Deadline)]
    public async Task It_registers_again_after_each_end_and_start_of_the_kubelet(
        [Values("1.20", "1.26", "1.36")] string version, [Values("stop", "kill")] string end, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token, Version(version));
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        var waits = new List<TimeSpan>();
        for (var start = 2; start <= Rounds + 1; start++)
        {
            await (end == "kill" ? kubelet.KillAsync() : kubelet.StopAsync());
            await kubelet.StartAsync(token);

            var startedAt = TimeProvider.System.GetTimestamp();
            await PluginUnderTest.OffersAsync(kubelet, 1, token, start);
            waits.Add(TimeProvider.System.GetElapsedTime(startedAt));
        }

        waits.Sort();
        await TestContext.Out.WriteLineAsync(
            $"registered again {waits.Count} times, p50 {waits[waits.Count / 2]}, p99 {waits[waits.Count * 99 / 100]}, longest {waits[^1]}");
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task It_tries_again_where_the_socket_is_there_before_anybody_listens(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = _plugin.NewKubelet();
        kubelet.Bind();

        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("registration at"), token);
        await kubelet.StartAsync(token);

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    [CancelAfter(Deadline)]
    public async Task It_tries_again_as_often_as_it_is_refused(KubeletVersion version, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        kubelet.Faults.RefuseNextRegistrations(4, "not now");

        await _plugin.StartAsync(token);
        var state = await PluginUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(state.Registrations, Has.Count.EqualTo(5));
        Assert.That(_plugin.Log.Messages(LogLevel.Warning), Has.Exactly(1).Contains("not now"), "one line, and not one a try");
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task It_registers_again_where_a_registration_comes_to_nothing(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        kubelet.Faults.NeverOpensStreams = true;
        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("opened no ListAndWatch stream"), token);

        kubelet.Faults.NeverOpensStreams = false;

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    [CancelAfter(Deadline)]
    public async Task It_registers_again_when_its_stream_is_dropped(KubeletVersion version, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        kubelet.DropStreams(Resource);
        await kubelet.WaitForAsync(state => state.Registrations.Count >= 2, token);

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    [CancelAfter(Deadline)]
    public async Task It_makes_its_socket_anew_when_that_is_removed(KubeletVersion version, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        kubelet.RemovePluginSockets();
        await kubelet.WaitForAsync(state => state.Registrations.Count >= 2, token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        await kubelet.AdmitAsync(Resource, 1, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_socket_that_goes_during_the_registration_is_made_anew_for_the_kubelet_that_looks_for_it(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        kubelet.Faults.HangsRegistrations = true;
        await _plugin.StartAsync(token);
        await kubelet.WaitForAsync(state => state.Registrations.Count == 1, token);

        kubelet.RemovePluginSockets();
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("serving at"), token, times: 2);

        Assert.That(kubelet.State.Registrations, Has.Count.EqualTo(1));
        Assert.That(_plugin.Log.Messages(), Has.None.Contains("failed"));
    }

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    [CancelAfter(Deadline)]
    public async Task A_wiped_folder_costs_nothing_and_the_kubelet_writes_its_checkpoint_anew(KubeletVersion version, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        _plugin.Host.AddWarboy(1);
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        await _plugin.StartAsync(token);
        var writes = (await PluginUnderTest.OffersAsync(kubelet, 2, token)).CheckpointWrites;
        var pod = await kubelet.AdmitAsync(Resource, 1, token);

        kubelet.WipeFolder();
        await kubelet.WaitForAsync(state => state.CheckpointWrites > writes + 1, token);
        Assert.That(kubelet.State.Resource(Resource).Allocatable, Is.EqualTo(2));

        await kubelet.RestartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 2, token, start: 2);
        var next = await kubelet.AdmitAsync(Resource, 1, token);
        Assert.That(next.DeviceIds, Is.Not.EqualTo(pod.DeviceIds));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Events_of_the_socket_that_it_registered_at_are_no_reason_to_register_again(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        kubelet.TouchSocket();
        kubelet.RenameSocketThereAndBack();
        await _plugin.ReadAgainAsync(2, token);

        Assert.That(kubelet.State.Registrations, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_next_kubelet_does_not_wait_for_what_the_last_one_owes(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        kubelet.Faults.HangsRegistrations = true;
        await _plugin.StartAsync(token);
        await kubelet.WaitForAsync(state => state.Registrations.Count == 1, token);

        kubelet.Faults.HangsRegistrations = false;
        await kubelet.RestartAsync(token);

        await PluginUnderTest.OffersAsync(kubelet, 1, token, start: 2);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_kubelet_that_answers_nothing_is_given_up_and_asked_again(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        kubelet.Faults.HangsConnections = true;
        await _plugin.StartAsync(token);
        // The connection of the registration is accepted, and stays unanswered for good.
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("serving at"), token);
        await _plugin.ReadAgainAsync(1, token);

        kubelet.Faults.HangsConnections = false;

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_stream_that_ends_again_and_again_is_opened_again_and_again(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        kubelet.Faults.StreamLifetime = TimeSpan.FromMilliseconds(50);
        await _plugin.StartAsync(token);
        await kubelet.WaitForAsync(state => state.Registrations.Count == 5, token);

        kubelet.Faults.StreamLifetime = null;

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task It_does_not_take_a_socket_at_which_another_plugin_listens(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        await using var other = new ScriptedPlugin(Path.GetDirectoryName(kubelet.SocketPath)!, "furiosa-npu");
        await other.StartAsync(token);

        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("Another process listens"), token);
        Assert.That(kubelet.State.Registrations, Is.Empty);

        await other.DisposeAsync();
        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    [CancelAfter(Deadline)]
    public async Task It_takes_the_resource_back_when_another_plugin_that_took_it_ends(KubeletVersion version, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        var other = new ScriptedPlugin(Path.GetDirectoryName(kubelet.SocketPath)!, "other");
        await other.StartAsync(token);
        await other.RegisterAsync(token, resourceName: Resource);
        await kubelet.WaitForAsync(state => state.Resource(Resource) is { Endpoint: "other", LiveStreams: 2 }, token);
        await other.DisposeAsync();

        await kubelet.WaitForAsync(
            state => state.Resource(Resource) is { Endpoint: "furiosa-npu", IsStopped: false, Allocatable: 1 }, token);
        await kubelet.AdmitAsync(Resource, 1, token);
    }

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    [CancelAfter(Deadline)]
    public async Task It_registers_again_when_one_of_two_streams_ends(KubeletVersion version, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);
        kubelet.RemovePluginSockets();
        await kubelet.WaitForAsync(state => state.Resource(Resource).LiveStreams == 2, token);

        // Of the newer registration, which alone counts before 1.36.
        kubelet.DropStreams(Resource);
        await kubelet.WaitForAsync(state => state.Registrations.Count >= 3, token);

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
        await kubelet.AdmitAsync(Resource, 1, token);
    }

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    [CancelAfter(Deadline)]
    public async Task It_registers_again_when_one_of_two_streams_of_a_registration_ends(KubeletVersion version, CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        // As of a kubelet that opens the stream of the registration before too late.
        using (var channel = new GrpcChannel(SocketOf(kubelet), TimeProvider.System))
        await using (var second = WatchAsync(channel, token))
            Assert.That(await second.MoveNextAsync(), Is.True);

        await kubelet.WaitForAsync(state => state.Registrations.Count >= 2, token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_stream_that_comes_late_to_an_old_socket_is_served_and_tells_nothing_of_the_registration(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        kubelet.Faults.NeverOpensStreams = true;
        await _plugin.StartAsync(token);
        await kubelet.WaitForAsync(state => state.Resources.ContainsKey(Resource), token);
        using var early = new GrpcChannel(SocketOf(kubelet), TimeProvider.System);
        await early.UnaryAsync("/v1beta1.DevicePlugin/GetDevicePluginOptions", new Empty(), Empty.Parser, timeout: null, token);
        kubelet.RemovePluginSockets();
        await kubelet.WaitForAsync(state => state.Registrations.Count == 2, token);

        await using var late = WatchAsync(early, token);
        Assert.That(await late.MoveNextAsync(), Is.True);

        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("opened no ListAndWatch stream"), token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task At_the_end_the_stream_ends_and_the_socket_goes(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        await _plugin.StopAsync(token);

        await kubelet.WaitForAsync(
            state => state.Resource(Resource) is { Allocatable: 0, Capacity: 1, LiveStreams: 0 }, token);
        Assert.That(File.Exists(Path.Combine(Path.GetDirectoryName(kubelet.SocketPath)!, "furiosa-npu")), Is.False);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Each_family_can_be_a_resource_of_its_own(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        _plugin.Host.AddRngd(0);
        _plugin.Options.CurrentValue.ResourceName = "furiosa.ai/{family}";
        await using var kubelet = await _plugin.StartKubeletAsync(token);

        await _plugin.StartAsync(token);
        var state = await kubelet.WaitForAsync(
            state => state.Resource("furiosa.ai/warboy").Allocatable == 1 && state.Resource("furiosa.ai/rngd").Allocatable == 1, token);

        Assert.That(state.Resources, Has.Count.EqualTo(2));
        Assert.That(state.Resource("furiosa.ai/rngd").Endpoint, Is.EqualTo("furiosa-npu-rngd"));
        var response = await kubelet.AllocateAsync("furiosa.ai/rngd", [state.Resource("furiosa.ai/rngd").HealthyIds[0]], token);
        Assert.That(response.Devices.Select(device => device.HostPath), Has.All.StartsWith("/dev/rngd/"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Readiness_tells_what_is_missing(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("the kubelet does not run"), token);
        var before = await _plugin.CheckAsync(token);

        await using var kubelet = await _plugin.StartKubeletAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.EventName == "Ready", token);
        var after = await _plugin.CheckAsync(token);

        Assert.That(before.Entries["device-plugin"].Description, Does.Contain(Resource).And.Contain("the kubelet does not run"));
        Assert.That(after.Status, Is.EqualTo(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy));
    }

    private static string SocketOf(FakeKubelet kubelet) => Path.Combine(Path.GetDirectoryName(kubelet.SocketPath)!, "furiosa-npu");

    private static IAsyncEnumerator<ListAndWatchResponse> WatchAsync(GrpcChannel channel, CancellationToken token) =>
        channel.ServerStreamingAsync("/v1beta1.DevicePlugin/ListAndWatch", new Empty(), ListAndWatchResponse.Parser, timeout: null, token)
            .GetAsyncEnumerator(token);

    private static KubeletVersion Version(string version) => version switch
    {
        "1.20" => KubeletVersion.V1_20,
        "1.26" => KubeletVersion.V1_26,
        _ => KubeletVersion.V1_36,
    };
}
