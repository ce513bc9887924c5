using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>The device plugin in a host of its own, a tree that it reads, and the folder where it meets a kubelet.</summary>
internal sealed class PluginUnderTest : IAsyncDisposable
{
    public const string Resource = "beta.furiosa.ai/npu";

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _registry = new();
    private IHost? _program;

    public HostTree Host { get; } = new();

    public LogSink Log { get; } = new();

    public SettableOptions<DevicePluginOptions> Options { get; }

    /// <summary>Where the kubelet finds sockets.</summary>
    public string Registry => _registry.Path;

    public PluginUnderTest() => Options = new SettableOptions<DevicePluginOptions>(
        new() { PluginDirectory = _folder.Path, RegistryDirectory = _registry.Path });

    /// <summary>Another Pod's plugin, at the same kubelet.</summary>
    public PluginUnderTest(PluginUnderTest other, string podUid)
        : this()
    {
        var (options, theirs) = (Options.CurrentValue, other.Options.CurrentValue);
        (options.PluginDirectory, options.RegistryDirectory) = (theirs.PluginDirectory, theirs.RegistryDirectory);
        (options.Registration, options.SocketName, options.PodUid) = (theirs.Registration, theirs.SocketName, podUid);
    }

    /// <summary>Its health checks, tagged as /readyz asks for them.</summary>
    public async Task<HealthReport> CheckAsync(CancellationToken token) =>
        await Service<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"), token);

    public T Service<T>() where T : notnull => _program!.Services.GetRequiredService<T>();

    public FakeKubelet NewKubelet(KubeletVersion? version = null) => new(
        _folder.Path, version ?? KubeletVersion.V1_20, TimeProvider.System, Registry);

    public async Task<FakeKubelet> StartKubeletAsync(CancellationToken token, KubeletVersion? version = null)
    {
        var kubelet = NewKubelet(version);
        await kubelet.StartAsync(token);
        return kubelet;
    }

    /// <summary>Takes away the folder where it meets a kubelet.</summary>
    public void RemoveFolder() => Directory.Delete(_folder.Path);

    public void RemoveRegistry() => Directory.Delete(Registry, recursive: true);

    public void MakeFolder() => Directory.CreateDirectory(_folder.Path);

    public async Task StartAsync(CancellationToken token)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.AddProvider(Log);
        builder.Services.AddSingleton(Host.Root);
        builder.Services.AddSingleton<IOptionsMonitor<DevicePluginOptions>>(Options);
        // A busy machine must not take a slow read for one that hangs.
        builder.Services.AddNpuDevices(devices => devices.ReadDeadline = TimeSpan.FromSeconds(10));
        builder.Services.AddNpuDevicePlugin();
        _program = builder.Build();
        await _program.StartAsync(token);
    }

    public async Task StopAsync(CancellationToken token)
    {
        if (_program is not { } program)
            return;

        _program = null;
        await program.StopAsync(token);
        program.Dispose();
    }

    /// <summary>Waits until the kubelet offers so many of the resource, over a stream that is open.</summary>
    public static Task<KubeletState> OffersAsync(FakeKubelet kubelet, int allocatable, CancellationToken token, int start = 1) =>
        kubelet.WaitForAsync(
            state => state.Starts == start && state.Resource(Resource) is { LiveStreams: > 0 } resource
                && resource.Allocatable == allocatable,
            token);

    /// <summary>Waits until the host was read so often again.</summary>
    public async Task ReadAgainAsync(int times, CancellationToken token)
    {
        await foreach (var _ in Service<DeviceMonitor>().WatchReadingsAsync(token))
        {
            if (times-- == 0)
                return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        Host.Dispose();
        _folder.Dispose();
        Directory.CreateDirectory(Registry);
        _registry.Dispose();
        Log.Dispose();
    }
}
