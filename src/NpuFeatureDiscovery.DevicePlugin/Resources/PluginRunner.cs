using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Resources;

/// <summary>The device plugin of one resource: what a source tells of its devices, kept served and registered.</summary>
internal sealed class PluginRunner
{
    private readonly string _resource;
    private readonly DeviceFeed _devices = new();
    private readonly SourceFollower _follower;
    private readonly ResourcePlugin _plugin;

    public PluginRunner(
        string resource, string socketSuffix, KubeletFolders folders, IDeviceSource source, IDeviceAllocator allocator,
        TimeSpan allocationDeadline, DevicePluginMetrics metrics, TimeProvider timeProvider, ILoggerFactory loggers)
    {
        _resource = resource;
        _follower = new SourceFollower(
            resource, source, _devices, metrics, timeProvider, loggers.CreateLogger<SourceFollower>());
        var allocations = new DeviceAllocations(
            resource, _devices, allocator, allocationDeadline, timeProvider, loggers.CreateLogger<DeviceAllocations>());
        _plugin = new ResourcePlugin(resource, socketSuffix, folders, _devices, allocations, metrics, timeProvider, loggers);
    }

    /// <summary>Why the kubelet does not know of the resource as it is; null where it does.</summary>
    public string? Fault => (_follower.Fault, _plugin.Fault) switch
    {
        // Until the first list the registration waits, which is nothing to tell.
        ({ } fault, _) when _devices.Current is null => fault,
        ({ } fault, { } other) => $"{other}; {fault}",
        var (fault, other) => fault ?? other,
    };

    /// <summary>How the resource is registered; null where it is not.</summary>
    public string? Registration => _plugin.Registration;

    /// <summary>All of that together, with the devices.</summary>
    public ResourceStatus Status => new(_resource, _plugin.Mode, _plugin.SocketPath, Fault, _devices.Current?.Devices ?? []);

    /// <summary>Runs until it is cancelled, and then ends the streams and removes the socket.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var token = ending.Token;
        // A source may block the thread that asks it.
        Task[] parts = [Task.Run(() => _follower.RunAsync(token), CancellationToken.None), ServeAsync(token)];
        try
        {
            await await Task.WhenAny(parts);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A kubelet that was told of no devices would take them from those that hold them.</summary>
    private async Task ServeAsync(CancellationToken stopping)
    {
        await using (var lists = _devices.WatchAsync(stopping).GetAsyncEnumerator(stopping))
            await lists.MoveNextAsync();

        await _plugin.RunAsync(stopping);
    }
}
