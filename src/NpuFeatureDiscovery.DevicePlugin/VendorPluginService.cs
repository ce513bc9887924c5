using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.DevicePlugin.Resources;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Offers the devices of one source to the kubelet, as one resource.</summary>
internal sealed class VendorPluginService : BackgroundService
{
    private readonly PluginFolder _folder;
    private readonly PluginRunner _runner;

    public VendorPluginService(
        string resource, IDeviceSource source, IDeviceAllocator allocator, KubeletOptions options, DevicePluginMetrics metrics,
        TimeProvider timeProvider, ILoggerFactory loggers)
    {
        _folder = new PluginFolder(options.PluginDirectory);
        _runner = new PluginRunner(
            resource, options.SocketName, _folder, source, allocator, options.AllocationDeadline, metrics, timeProvider, loggers);
    }

    /// <summary>What keeps the kubelet from knowing of the resource; empty where it knows of it.</summary>
    public IReadOnlyList<string> Faults => _runner.Fault is { } fault ? [fault] : [];

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _runner.RunAsync(stoppingToken);
}
