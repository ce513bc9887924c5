using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Tests.Resources;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>A device plugin of another vendor in a host of its own, and the folder where it meets a kubelet.</summary>
internal sealed class VendorUnderTest : IAsyncDisposable
{
    public const string Resource = "example.com/gadget";

    private readonly TemporaryFolder _folder = new();
    private IHost? _program;

    public ScriptedSource Source { get; } = new();

    public ScriptedAllocator Allocator { get; } = new();

    public LogSink Log { get; } = new();

    public async Task<FakeKubelet> StartKubeletAsync(KubeletVersion version, CancellationToken token)
    {
        var kubelet = new FakeKubelet(_folder.Path, version, TimeProvider.System);
        await kubelet.StartAsync(token);
        return kubelet;
    }

    public async Task StartAsync(CancellationToken token, Action<IServiceCollection>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.AddProvider(Log);
        builder.Services.AddDevicePlugin(Resource, Source, Allocator);
        builder.Services.ConfigureAll<KubeletOptions>(kubelet => kubelet.PluginDirectory = _folder.Path);
        configure?.Invoke(builder.Services);
        var program = builder.Build();
        await program.StartAsync(token);
        _program = program;
    }

    public async Task<HealthReport> CheckAsync(CancellationToken token) =>
        await _program!.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"), token);

    /// <summary>Waits until the kubelet offers so many of a resource, over a stream that is open.</summary>
    public static Task<KubeletState> OffersAsync(FakeKubelet kubelet, int allocatable, CancellationToken token, string resource = Resource) =>
        kubelet.WaitForAsync(
            state => state.Resource(resource) is { LiveStreams: > 0 } known && known.Allocatable == allocatable, token);

    public async Task StopAsync(CancellationToken token)
    {
        if (_program is not { } program)
            return;

        _program = null;
        await program.StopAsync(token);
        program.Dispose();
    }

    public IEnumerable<string> FilesOfTheFolder() => Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path));

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _folder.Dispose();
        Log.Dispose();
    }
}
