using System.Net;
using NpuFeatureDiscovery.Cli.Tests.Configuration;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary><c>device-plugin</c> as a process, beside a kubelet.</summary>
public sealed class DevicePluginDaemonTests : IAsyncDisposable
{
    private const string Resource = "beta.furiosa.ai/npu";
    private const int Deadline = 60_000;

    private readonly HostTree _host = new();
    private readonly TemporaryFolder _plugins = new();
    private readonly TemporaryFolder _config = new();
    private readonly FakeKubelet _kubelet;

    public DevicePluginDaemonTests() => _kubelet = new FakeKubelet(_plugins.Path, KubeletVersion.V1_20, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _kubelet.DisposeAsync();
        _plugins.Dispose();
        _config.Dispose();
        _host.Dispose();
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task It_offers_the_cards_of_the_host_until_SIGTERM(CancellationToken token)
    {
        _host.AddWarboy(0);
        _host.AddRngd(0);
        await _kubelet.StartAsync(token);
        using var plugin = Start("--default-pe", "Single", "--resource-name", "example.com/npu", "--socket-name", "npu.sock");
        await _kubelet.WaitForAsync(state => state.Resource("example.com/npu").Allocatable == 10, token);

        var (exitCode, _) = await plugin.EndAsync("TERM", token);

        Assert.That(exitCode, Is.Zero);
        Assert.That(File.Exists(_plugins.At("/npu.sock")), Is.False);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Its_socket_can_be_that_of_its_Pod(CancellationToken token)
    {
        const string uid = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
        _host.AddWarboy(0);
        await _kubelet.StartAsync(token);
        using var plugin = Daemon.StartWith(
            new() { ["POD_UID"] = uid }, [.. Arguments, "--socket-name", "npu-{pod}", "--registration", "classic"]);
        await OffersAsync(1, token);

        Assert.That(_kubelet.State.Resource(Resource).Endpoint, Is.EqualTo($"npu-{uid}"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_next_takes_the_place_of_one_that_was_killed(CancellationToken token)
    {
        _host.AddWarboy(0);
        await _kubelet.StartAsync(token);
        using (var first = Start())
        {
            await OffersAsync(1, token);
            await first.EndAsync("KILL", token);
        }

        await _kubelet.WaitForAsync(state => state.Resource(Resource).Allocatable == 0, token);
        using var second = Start();

        await OffersAsync(1, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task It_tells_health_and_metrics_at_its_address(CancellationToken token)
    {
        _host.AddWarboy(0);
        using var plugin = Start("--address", "127.0.0.1:0");
        var line = await plugin.WaitForAsync("Serving /metrics", token);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}") };
        await plugin.WaitForAsync("the kubelet does not run", token);
        var before = await client.GetAsync("/readyz", token);
        var live = await client.GetAsync("/livez", token);

        await _kubelet.StartAsync(token);
        await plugin.WaitForAsync("the kubelet watches the devices", token);
        await OffersAsync(1, token);
        var after = await client.GetAsync("/readyz", token);
        await _kubelet.AdmitAsync(Resource, 1, token);
        var metrics = await client.GetStringAsync("/metrics", token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((before.StatusCode, live.StatusCode, after.StatusCode), Is.EqualTo(
                (HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.OK)));
            Assert.That(await before.Content.ReadAsStringAsync(token), Does.Contain($"{Resource}: the kubelet does not run"));
            foreach (var sample in (string[])
                [
                    $"npu_device_plugin_registrations_total{{mode=\"classic\",resource=\"{Resource}\",result=\"success\"}} ",
                    $"npu_device_plugin_list_and_watch_streams{{resource=\"{Resource}\"}} 1",
                    $"npu_device_plugin_allocations_total{{resource=\"{Resource}\",result=\"success\"}} 1",
                    $"npu_device_plugin_allocation_duration_seconds_count{{resource=\"{Resource}\"}} 1",
                    $"npu_device_plugin_devices{{resource=\"{Resource}\",state=\"healthy\"}} 1",
                    $"npu_device_plugin_devices{{resource=\"{Resource}\",state=\"disabled\"}} 0",
                ])
                Assert.That(metrics, Does.Contain(sample));
        }
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_ConfigMap_is_followed(CancellationToken token)
    {
        _host.AddWarboy(0);
        _host.AddWarboy(1);
        await _kubelet.StartAsync(token);
        using var volume = new ConfigMapVolume("config.yaml", Config("defaultPe: Fusion\ndisabledDevices: []\ninterval: 10\n"));
        using var plugin = new Daemon(
            "device-plugin", "--root", _host.Path, "--config-file", volume.FilePath, "--node-name", "npu-001");
        await OffersAsync(2, token);

        volume.Update(Config("defaultPe: Fusion\ninterval: 15\ndisabledDevices:\n  - devName: npu1\n    nodeName: npu-001\n"));
        Assert.That(await plugin.WaitForAsync("disabledDevices", token), Does.Contain("none").And.Contain("'npu1'"));
        await OffersAsync(1, token);

        volume.Update(Config("defaultPe: Fusion\ninterval: [\n"));
        Assert.That(await plugin.WaitForAsync("config.yaml:", token), Does.Contain("config.yaml:3:"));
        volume.Update(Config("defaultPe: Single\n"));
        await OffersAsync(4, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Where_inotify_is_exhausted_it_says_so_and_notices_restarts_by_looking(CancellationToken token)
    {
        const string unshare = "unshare --user --map-root-user --kill-child";
        if ((await TheProgram.ShellAsync($"{unshare} true", token)).ExitCode != 0)
            Assert.Ignore("Needs user namespaces (unshare --user), which this host does not allow.");

        _host.AddWarboy(0);
        await _kubelet.StartAsync(token);
        using var plugin = TheProgram.StartShell($"""
            exec {unshare} bash -euc '
                echo 0 > /proc/sys/user/max_inotify_instances
                exec $program {string.Join(' ', Arguments)}'
            """);
        try
        {
            await OffersAsync(1, token);
            await _kubelet.RestartAsync(token);
            await _kubelet.WaitForAsync(
                state => state.Starts == 2 && state.Resource(Resource) is { LiveStreams: > 0, Allocatable: 1 }, token);
        }
        finally
        {
            plugin.Kill(entireProcessTree: true);
        }

        Assert.That(await plugin.StandardError.ReadToEndAsync(token), Does.Contain(
            $"'{_plugins.Path}' cannot be watched").And.Contain("noticed by looking every 00:00:01"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_broken_configuration_file_is_exit_code_2_with_line_and_column(CancellationToken token)
    {
        await File.WriteAllTextAsync(_config.At("/config.yaml"), "defaultPe: Fusion\ninterval: soon\npluginDir: /nowhere\n", token);

        var result = await CommandLine.RunAsync("device-plugin", "--root", _host.Path, "--config-file", _config.At("/config.yaml"));

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("config.yaml:2:11: ").And.Contain("'soon'"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_port_that_is_taken_is_exit_code_1_and_one_sentence(CancellationToken token)
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var result = await TheProgram.RunAsync(token, [.. Arguments, "--address", $"{taken.LocalEndpoint}"]);

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("another program listens there").And.Not.Contain("   at "));
    }

    private string[] Arguments => ["device-plugin", "--root", _host.Path, "--plugin-dir", _plugins.Path];

    private Daemon Start(params string[] options) => new([.. Arguments, .. options]);

    private string Config(string text) => $"{text}pluginDir: {_plugins.Path}\n";

    private Task<KubeletState> OffersAsync(int allocatable, CancellationToken token) => _kubelet.WaitForAsync(
        state => state.Resource(Resource) is { LiveStreams: > 0 } resource && resource.Allocatable == allocatable, token);
}
