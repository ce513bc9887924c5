using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.DevicePlugin.Resources;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Offers the devices of one source to the kubelet, as one resource.</summary>
internal sealed class VendorPluginService : BackgroundService
{
    private readonly KubeletFolders _folders;
    private readonly PluginRunner _runner;

    public VendorPluginService(
        string resource, IDeviceSource source, IDeviceAllocator allocator, KubeletOptions options, DevicePluginMetrics metrics,
        TimeProvider timeProvider, ILoggerFactory loggers)
    {
        _folders = new KubeletFolders(options, timeProvider);
        _runner = new PluginRunner(
            resource, socketSuffix: "", _folders, source, allocator, options.AllocationDeadline, metrics, timeProvider, loggers);
    }

    /// <summary>What keeps the kubelet from knowing of the resource; empty where it knows of it.</summary>
    public IReadOnlyList<string> Faults => _runner.Fault is { } fault ? [fault] : [];

    /// <summary>How it is registered; empty where it is not.</summary>
    public IReadOnlyList<string> Registrations => _runner.Registration is { } registration ? [registration] : [];

    public override void Dispose()
    {
        base.Dispose();
        _folders.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _runner.RunAsync(stoppingToken);
}
