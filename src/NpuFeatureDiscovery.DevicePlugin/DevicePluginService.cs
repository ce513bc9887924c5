using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.DevicePlugin.Cdi;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.DevicePlugin.Resources;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Offers the host's NPUs to the kubelet: from reading to reading, as units of one resource or of several.</summary>
internal sealed partial class DevicePluginService(
    DeviceMonitor monitor, IOptionsMonitor<DevicePluginOptions> options, HostRoot root, DevicePluginMetrics metrics,
    TimeProvider timeProvider, ILoggerFactory loggers) : BackgroundService
{
    // Where plugins register, and as what, is read once: a change needs a restart.
    private readonly KubeletFolders _folders = new(options.CurrentValue, timeProvider);
    private readonly ResourceNameTemplate _resourceName = new(options.CurrentValue.ResourceName);
    private readonly TimeSpan _allocationDeadline = options.CurrentValue.AllocationDeadline;

    private readonly NpuCdiPublisher _cdi = new(
        options.CurrentValue.Cdi, options.CurrentValue.CdiDirectory, loggers.CreateLogger<NpuCdiPublisher>());

    private readonly ILogger _logger = loggers.CreateLogger<DevicePluginService>();
    private readonly UnitTracker _tracker = new(timeProvider);
    private readonly Lock _lock = new();
    private readonly Dictionary<Resource, OfferedResource> _plugins = [];
    private readonly HashSet<Resource> _refused = [];
    private NodeReading? _reading;
    private DefaultPe? _defaultPe;

    /// <summary>What keeps the kubelet or the container runtime from knowing of the resources; empty where they know of all.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
            {
                return _reading is null
                    ? [monitor.Failure ?? "the host's NPUs have not been read yet"]
                    :
                    [
                        .. HostFaults(),
                        .. _cdi.Fault is { } fault ? (string[])[$"CDI: {fault}"] : [],
                        .. _plugins.Keys.Where(resource => _plugins[resource].Runner.Fault is not null)
                            .Select(resource => $"{resource.Name}: {_plugins[resource].Runner.Fault}").Order(StringComparer.Ordinal),
                    ];
            }
        }
    }

    /// <summary>Each resource that the kubelet knows of, and how it is registered.</summary>
    public IReadOnlyList<string> Registrations
    {
        get
        {
            lock (_lock)
                return [.. _plugins.Values.Select(resource => resource.Runner.Registration).OfType<string>().Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>How each resource stands.</summary>
    public IReadOnlyList<ResourceStatus> Resources
    {
        get
        {
            lock (_lock)
            {
                return [.. _plugins.Values.Select(resource => resource.Runner.Status)
                    .OrderBy(status => status.Resource, StringComparer.Ordinal)];
            }
        }
    }

    public override void Dispose()
    {
        _folders.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var stopping = ending.Token;
        using var changes = options.OnChange(_ => Offer(reading: null, stopping));
        try
        {
            await foreach (var reading in monitor.WatchReadingsAsync(stoppingToken))
            {
                Offer(reading, stopping);
                foreach (var failed in Running().Where(task => task.IsFaulted))
                    await failed;
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(Running()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_lock)
                _cdi.Withdraw();
        }
    }

    /// <summary>In a container /dev is mounted by itself.</summary>
    private IEnumerable<string> HostFaults()
    {
        var folder = root.Resolve("/dev");
        if (!Directory.Exists(folder))
            yield return $"'{folder}' is missing, so no card has the device nodes that Pods need. Mount the host's /dev there, read-only.";
    }

    private Task[] Running()
    {
        lock (_lock)
            return [.. _plugins.Values.Select(resource => resource.Running)];
    }

    /// <param name="reading">A new reading; null where it is the options that changed.</param>
    /// <param name="stopping">Ends what is begun here.</param>
    private void Offer(NodeReading? reading, CancellationToken stopping)
    {
        lock (_lock)
        {
            _reading = reading ?? _reading;
            if (_reading is null || stopping.IsCancellationRequested)
                return;

            var current = options.CurrentValue;
            // Before the kubelet is told of a unit, so that it can be asked for by name.
            _cdi.Publish(_reading.Snapshot, current.DisabledDevices);
            if (!_tracker.Observe(_reading, current.DefaultPe) && reading is not null)
                return;

            ListedUnit[] units = [.. _tracker.Units.Select(listed => current.DisabledDevices.Contains(listed.Unit.Device.Name)
                ? listed with
                {
                    State = PluginDeviceState.Disabled,
                    Reason = $"'{listed.Unit.Device.Name}' is among the disabled devices of the device plugin",
                }
                : listed)];
            if (_defaultPe != current.DefaultPe)
                WarnOfHeldUnits(current.DefaultPe);

            _defaultPe = current.DefaultPe;
            Offer(units, stopping);
            if (_tracker.IsSettled && _reading.Failure is null)
                metrics.RecordGeneration(_reading.Snapshot.Generation);
        }
    }

    private void Offer(ListedUnit[] units, CancellationToken stopping)
    {
        var byResource = units.ToLookup(listed => _resourceName.Of(listed.Unit.Device));
        // A resource stays even with nothing left of it: the kubelet is told that there is none, not that nobody knows.
        var resources = byResource.Select(group => group.Key).Concat(_plugins.Keys)
            .Concat(_resourceName.Single is { } single ? [single] : []);
        foreach (var resource in resources.Distinct().Where(IsUsable).ToArray())
        {
            if (!_plugins.TryGetValue(resource, out var offered))
                _plugins.Add(resource, offered = Start(resource, stopping));

            offered.Source.Publish(byResource[resource]);
        }
    }

    private OfferedResource Start(Resource resource, CancellationToken stopping)
    {
        var source = new UnitSource();
        var allocator = new UnitAllocator(resource.Name, root, () => options.CurrentValue.AllocationPolicy, _cdi);
        var runner = new PluginRunner(
            resource.Name, resource.SocketSuffix, _folders, source, allocator, _allocationDeadline, metrics, timeProvider, loggers);
        return new OfferedResource(source, runner, Task.Run(() => runner.RunAsync(stopping), CancellationToken.None));
    }

    /// <summary>What a card is called may not fit into a name.</summary>
    private bool IsUsable(Resource resource)
    {
        var error = ResourceName.Error(resource.Name) ?? _folders.SocketError(resource.SocketSuffix);
        if (error is not null && _refused.Add(resource))
            LogRefused(resource.Name, error);

        return error is null;
    }

    /// <summary>
    /// The kubelet does not know that a card and its cores are the same. Only a hint: to withhold what is held would withhold it for
    /// good, since the kubelet forgets a Pod that ended only when it admits the next.
    /// </summary>
    private void WarnOfHeldUnits(DefaultPe defaultPe)
    {
        var offered = _tracker.Units.Select(listed => listed.Unit.Id.DeviceId).ToHashSet(StringComparer.Ordinal);
        var held = KubeletCheckpoint.HeldUnits(_folders.Plugins.PathOf(KubeletCheckpoint.FileName))
            .Where(id => offered.Contains(id.DeviceId) && id.Cores is null == (defaultPe == DefaultPe.Single))
            .Select(id => $"'{id}'").Order(StringComparer.Ordinal);
        if (string.Join(", ", held) is { Length: > 0 } ids)
            LogHeld(defaultPe, ids);
    }

    [LoggerMessage(1, LogLevel.Error, "Cards of '{Resource}' are not offered: {Reason}", EventName = "Refused")]
    private partial void LogRefused(string resource, string reason);

    [LoggerMessage(
        2, LogLevel.Warning, "Units are {DefaultPe} now, and Pods hold {Ids} of before: the kubelet may give their cores a second time. "
            + "End those Pods, or drain the node before such a change",
        EventName = "Held")]
    private partial void LogHeld(DefaultPe defaultPe, string ids);

    private sealed record OfferedResource(UnitSource Source, PluginRunner Runner, Task Running);
}
