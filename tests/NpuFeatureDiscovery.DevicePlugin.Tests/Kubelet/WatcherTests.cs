using NpuFeatureDiscovery.DevicePlugin.Watcher.V1;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

/// <summary>Plugins that the kubelet finds in its registry folder.</summary>
[CancelAfter(30_000)]
public sealed class WatcherTests : IAsyncDisposable
{
    private const string Npu = FakeKubeletTests.Npu;
    private static readonly IReadOnlyList<KubeletVersion> Versions = KubeletVersion.All;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _registry = new();
    private readonly List<IAsyncDisposable> _disposables = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var disposable in _disposables)
            await disposable.DisposeAsync();

        _folder.Dispose();
        _registry.Dispose();
    }

    [TestCaseSource(nameof(Versions))]
    public async Task A_socket_that_comes_and_one_that_was_there_are_found_asked_and_told(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = await StartPluginAsync("npu.sock", token);
        var state = await OffersAsync(kubelet, token);

        Assert.That(state.Registrations.Single(), Is.EqualTo(
            new PluginRegistration(1, "v1beta1", _registry.At("/npu.sock"), Npu, Options: null, Refusal: null)));
        Assert.That(await plugin.Status.Task.WaitAsync(token), Is.EqualTo(new RegistrationStatus { PluginRegistered = true }));

        await kubelet.RestartAsync(token);
        await kubelet.WaitForAsync(state => state.Starts == 2 && state.Resource(Npu).Allocatable == 1, token);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task What_is_refused_is_told(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        kubelet.Faults.RefuseNextRegistrations(1, "not now");

        var plugin = await StartPluginAsync("npu.sock", token);

        Assert.That(await plugin.Status.Task.WaitAsync(token), Is.EqualTo(new RegistrationStatus { Error = "not now" }));
        await OffersAsync(kubelet, token);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task A_socket_that_goes_ends_the_stream_and_one_that_is_made_anew_is_registered_anew(
        KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        await StartPluginAsync("npu.sock", token);
        await OffersAsync(kubelet, token);

        File.Delete(_registry.At("/npu.sock"));
        await kubelet.WaitForAsync(state => state.LiveStreams == 0 && state.Resource(Npu).Allocatable == 0, token);

        await StartPluginAsync("npu.sock", token);
        await OffersAsync(kubelet, token);
    }

    [TestCase("1.20", 0)]
    [TestCase("1.26", 0)]
    [TestCase("1.36", 1)]
    public async Task When_the_socket_of_the_old_plugin_goes_the_new_one_is_disconnected_unless_sockets_are_told_apart(
        string version, int streams, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(Versions.Single(each => each.Name == version), token);
        await StartPluginAsync("old.sock", token);
        await OffersAsync(kubelet, token);
        await StartPluginAsync("new.sock", token);
        await kubelet.WaitForAsync(state => state.LiveStreams == 2, token);

        File.Delete(_registry.At("/old.sock"));
        await kubelet.WaitForAsync(state => state.Log.Any(line => line.Contains("is deregistered")), token);

        await kubelet.WaitForAsync(state => state.Resource(Npu).Allocatable == streams, token);
    }

    [Test]
    public async Task Names_that_begin_with_a_dot_are_passed_over(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await StartPluginAsync(".npu.sock", token);
        await StartPluginAsync("npu.sock", token);

        var state = await OffersAsync(kubelet, token);

        Assert.That(state.Registrations.Select(registration => registration.Endpoint), Is.EqualTo(new[] { _registry.At("/npu.sock") }));
    }

    private async Task<FakeKubelet> StartKubeletAsync(KubeletVersion version, CancellationToken token)
    {
        var kubelet = new FakeKubelet(_folder.Path, version, TimeProvider.System, _registry.Path);
        _disposables.Add(kubelet);
        await kubelet.StartAsync(token);
        return kubelet;
    }

    private async Task<ScriptedPlugin> StartPluginAsync(string socketName, CancellationToken token)
    {
        var plugin = new ScriptedPlugin(_registry.Path, socketName);
        _disposables.Add(plugin);
        plugin.BeFound();
        plugin.List(ScriptedPlugin.Healthy("npu0"));
        await plugin.StartAsync(token);
        return plugin;
    }

    private static Task<KubeletState> OffersAsync(FakeKubelet kubelet, CancellationToken token) =>
        kubelet.WaitForAsync(state => state.Resource(Npu) is { Allocatable: 1, LiveStreams: > 0 }, token);
}
