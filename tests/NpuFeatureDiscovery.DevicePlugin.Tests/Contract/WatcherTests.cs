using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>How the plugin is found by the kubelet instead of calling it.</summary>
[CancelAfter(60_000)]
public sealed class WatcherTests : IAsyncDisposable
{
    private const string Resource = PluginUnderTest.Resource;
    private static readonly IReadOnlyList<KubeletVersion> Versions = KubeletVersion.All;

    private readonly PluginUnderTest _plugin = new();

    public WatcherTests()
    {
        _plugin.Options.CurrentValue.Registration = RegistrationMode.Watcher;
        _plugin.Host.AddWarboy(0);
    }

    public ValueTask DisposeAsync() => _plugin.DisposeAsync();

    [TestCaseSource(nameof(Versions))]
    public async Task It_is_found_by_its_socket_and_serves_there(KubeletVersion version, CancellationToken token)
    {
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);

        await _plugin.StartAsync(token);
        var state = await PluginUnderTest.OffersAsync(kubelet, 1, token);

        var socket = Path.Combine(_plugin.Registry, "furiosa-npu");
        Assert.That(state.Registrations.Single(), Is.EqualTo(
            new PluginRegistration(1, "v1beta1", socket, Resource, Options: null, Refusal: null)));
        Assert.That(
            await kubelet.GetDevicePluginOptionsAsync(Resource, token),
            Is.EqualTo(new PluginOptions(PreStartRequired: false, GetPreferredAllocationAvailable: true)));
        Assert.That((await kubelet.AdmitAsync(Resource, 1, token)).DeviceIds, Has.Count.EqualTo(1));
    }

    [TestCaseSource(nameof(Versions))]
    public async Task It_waits_for_a_kubelet_that_starts_later(KubeletVersion version, CancellationToken token)
    {
        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.EventName == "Serving", token);

        await using var kubelet = await _plugin.StartKubeletAsync(token, version);

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [Test, Combinatorial]
    public async Task It_is_registered_again_after_the_end_and_start_of_the_kubelet(
        [Values("1.20", "1.26", "1.36")] string version, [Values("stop", "kill")] string end, CancellationToken token)
    {
        await using var kubelet = await _plugin.StartKubeletAsync(token, Versions.Single(each => each.Name == version));
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        await (end == "kill" ? kubelet.KillAsync() : kubelet.StopAsync());
        await kubelet.StartAsync(token);

        await MeasureAsync(() => PluginUnderTest.OffersAsync(kubelet, 1, token, start: 2));
    }

    [TestCaseSource(nameof(Versions))]
    public async Task When_its_stream_is_dropped_it_makes_its_socket_anew(KubeletVersion version, CancellationToken token)
    {
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        kubelet.DropStreams(Resource);
        await MeasureAsync(() => kubelet.WaitForAsync(state => state.Registrations.Count >= 2, token));

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task When_its_socket_is_removed_it_makes_it_anew(KubeletVersion version, CancellationToken token)
    {
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        File.Delete(Path.Combine(_plugin.Registry, "furiosa-npu"));
        await kubelet.WaitForAsync(state => state.Registrations.Count >= 2, token);

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [Test]
    public async Task When_the_folder_is_replaced_it_is_back_after_the_next_start_of_the_kubelet(CancellationToken token)
    {
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        _plugin.RemoveRegistry();
        await kubelet.WaitForAsync(state => state.LiveStreams == 0, token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("no such folder"), token);
        await kubelet.RestartAsync(token);

        await PluginUnderTest.OffersAsync(kubelet, 1, token, start: 2);
    }

    [Test]
    public async Task What_the_kubelet_says_when_it_refuses_is_told_and_it_is_asked_again(CancellationToken token)
    {
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        kubelet.Faults.RefuseNextRegistrations(1, "not now");

        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("refuses it: not now"), token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(_plugin.Log.Messages(LogLevel.Warning), Has.Exactly(1).Contains("not now"));
    }

    [Test]
    public async Task Where_no_kubelet_asks_readiness_tells_so_and_once_one_asks_it_is_ready(CancellationToken token)
    {
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        kubelet.Faults.IgnoresRegistry = true;
        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("no kubelet asked for the plugin"), token);
        var before = await _plugin.CheckAsync(token);

        kubelet.Faults.IgnoresRegistry = false;
        await PluginUnderTest.OffersAsync(kubelet, 1, token);
        await _plugin.Log.WaitForAsync(entry => entry.EventName == "Ready", token);
        var after = await _plugin.CheckAsync(token);

        Assert.That(before.Entries["device-plugin"].Description,
            Does.StartWith($"{Resource}: no kubelet asked").And.Contain(_plugin.Registry).And.Contain("--root-dir"));
        Assert.That(after.Entries["device-plugin"],
            Has.Property("Status").EqualTo(HealthStatus.Healthy).And.Property("Description").EqualTo($"{Resource}: registered (watcher)"));
    }

    [Test]
    public async Task Without_the_folder_it_is_not_ready_and_says_what_to_mount(CancellationToken token)
    {
        _plugin.RemoveRegistry();
        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("mount it into the container"), token);

        await using var kubelet = await _plugin.StartKubeletAsync(token);

        await PluginUnderTest.OffersAsync(kubelet, 1, token);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task By_itself_it_is_found_where_the_kubelet_looks(KubeletVersion version, CancellationToken token)
    {
        _plugin.Options.CurrentValue.Registration = RegistrationMode.Auto;
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);

        await _plugin.StartAsync(token);
        var state = await PluginUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(state.Registrations.Single().Endpoint, Is.EqualTo(Path.Combine(_plugin.Registry, "furiosa-npu")));
    }

    [TestCaseSource(nameof(Versions))]
    public async Task By_itself_it_calls_a_kubelet_that_does_not_look_and_is_registered_once(KubeletVersion version, CancellationToken token)
    {
        _plugin.Options.CurrentValue.Registration = RegistrationMode.Auto;
        await using var kubelet = await _plugin.StartKubeletAsync(token, version);
        kubelet.Faults.IgnoresRegistry = true;

        await _plugin.StartAsync(token);
        var state = await PluginUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(state.Registrations.Single().Endpoint, Is.EqualTo("furiosa-npu"));
        Assert.That(Directory.GetFiles(_plugin.Registry), Is.Empty, "its socket, which a kubelet may find later");
        await _plugin.Log.WaitForAsync(entry => entry.EventName == "Ready", token);
        Assert.That((await _plugin.CheckAsync(token)).Entries["device-plugin"].Description, Is.EqualTo($"{Resource}: registered (classic)"));
    }

    [Test]
    public async Task By_itself_it_calls_the_kubelet_at_once_where_the_folder_is_missing(CancellationToken token)
    {
        _plugin.Options.CurrentValue.Registration = RegistrationMode.Auto;
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        _plugin.RemoveRegistry();

        await _plugin.StartAsync(token);
        var state = await PluginUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(state.Registrations.Single().Endpoint, Is.EqualTo("furiosa-npu"));
        Assert.That(_plugin.Log.Messages(LogLevel.Warning), Has.Some.Contains(_plugin.Registry).And.Some.Contains("the other way (Classic)"));
    }

    [Test]
    public async Task By_itself_it_calls_a_kubelet_that_refuses_what_it_finds(CancellationToken token)
    {
        _plugin.Options.CurrentValue.Registration = RegistrationMode.Auto;
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        kubelet.Faults.RefuseNextRegistrations(1, "no handler");

        await _plugin.StartAsync(token);
        var state = await PluginUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(state.Resource(Resource).Endpoint, Is.EqualTo("furiosa-npu"));
        Assert.That(_plugin.Log.Messages(LogLevel.Warning), Has.Some.Contains("no handler"));
    }

    [Test]
    public async Task By_itself_it_waits_where_no_kubelet_runs_and_is_found_by_the_one_that_comes(CancellationToken token)
    {
        _plugin.Options.CurrentValue.Registration = RegistrationMode.Auto;
        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("no kubelet asked for the plugin"), token);

        await using var kubelet = await _plugin.StartKubeletAsync(token);
        var state = await PluginUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(state.Registrations[^1].Endpoint, Is.EqualTo(Path.Combine(_plugin.Registry, "furiosa-npu")));
    }

    private static async Task MeasureAsync(Func<Task> wait)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        await wait();
        await TestContext.Out.WriteLineAsync($"after {TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds:0.00} s");
    }
}
