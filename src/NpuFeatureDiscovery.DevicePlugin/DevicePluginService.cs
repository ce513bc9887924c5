using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Offers the host's NPUs to the kubelet: from reading to reading, as units of one resource or of several.</summary>
internal sealed partial class DevicePluginService(
    DeviceMonitor monitor, IOptionsMonitor<DevicePluginOptions> options, HostRoot root, DevicePluginMetrics metrics,
    TimeProvider timeProvider, ILoggerFactory loggers) : BackgroundService
{
    // Where plugins register, and as what, is read once: a change needs a restart.
    private readonly PluginFolder _folder = new(options.CurrentValue.PluginDirectory);
    private readonly PluginFolder _registry = new(options.CurrentValue.RegistryDirectory);
    private readonly RegistrationMode _registration = options.CurrentValue.Registration;
    private readonly ResourceNameTemplate _resourceName = new(options.CurrentValue.ResourceName);
    private readonly SocketNameTemplate _socketName = new(options.CurrentValue.SocketName, options.CurrentValue.PodUid);

    private readonly ILogger _logger = loggers.CreateLogger<DevicePluginService>();
    private readonly UnitTracker _tracker = new(timeProvider);
    private readonly Lock _lock = new();
    private readonly Dictionary<Resource, (ResourcePlugin Plugin, Task Running)> _plugins = [];
    private readonly HashSet<Resource> _refused = [];
    private Dictionary<UnitId, ListedUnit> _logged = [];
    private NodeReading? _reading;
    private DefaultPe? _defaultPe;

    /// <summary>What keeps the kubelet from knowing of the resources; empty where it knows of all.</summary>
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
                        .. _plugins.Where(resource => resource.Value.Plugin.Fault is not null)
                            .Select(resource => $"{resource.Key.Name}: {resource.Value.Plugin.Fault}").Order(StringComparer.Ordinal),
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
            {
                return
                [
                    .. _plugins.Where(resource => resource.Value.Plugin.Fault is null)
                        .Select(resource => $"{resource.Key.Name}: registered ({resource.Value.Plugin.Mode.ToString().ToLowerInvariant()})")
                        .Order(StringComparer.Ordinal),
                ];
            }
        }
    }

    public override void Dispose()
    {
        _folder.Dispose();
        _registry.Dispose();
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
            if (!_tracker.Observe(_reading, current.DefaultPe) && reading is not null)
                return;

            ListedUnit[] units = [.. _tracker.Units.Select(listed => current.DisabledDevices.Contains(listed.Unit.Device.Name)
                ? listed with { State = UnitState.Disabled, Reason = "it is among the disabled devices" }
                : listed)];
            LogChanges(units);
            if (_defaultPe != current.DefaultPe)
                WarnOfHeldUnits(current.DefaultPe);

            _defaultPe = current.DefaultPe;
            Offer(units, stopping);
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
            var list = new UnitList(byResource[resource]);
            metrics.RecordUnits(resource.Name, list);
            if (_plugins.TryGetValue(resource, out var offered))
                offered.Plugin.Units.Publish(list);
            else
                _plugins.Add(resource, Start(resource, list, stopping));
        }
    }

    private (ResourcePlugin Plugin, Task Running) Start(Resource resource, UnitList list, CancellationToken stopping)
    {
        var socketName = _socketName.Name + resource.SocketSuffix;
        var registrations = Registration(resource.Name, socketName);
        foreach (var left in registrations.SelectMany(registration => LeftSockets.Remove(
            registration.Folder.Path, name => _socketName.IsOfOther(name, resource.SocketSuffix))))
            LogRemoved(left);

        var plugin = new ResourcePlugin(
            resource.Name, socketName, registrations, root, metrics, timeProvider, loggers);
        plugin.Units.Publish(list);
        return (plugin, Task.Run(() => plugin.RunAsync(stopping), CancellationToken.None));
    }

    private IReadOnlyList<IRegistration> Registration(string resource, string socketName)
    {
        var classic = new ClassicRegistration(resource, socketName, _folder, timeProvider);
        var watcher = new WatcherRegistration(resource, _registry, timeProvider);
        return _registration switch
        {
            RegistrationMode.Watcher => [watcher],
            RegistrationMode.Auto => [watcher, classic],
            _ => [classic],
        };
    }

    /// <summary>What a card is called may not fit into a name.</summary>
    private bool IsUsable(Resource resource)
    {
        var error = ResourceName.Error(resource.Name)
            ?? Registration(resource.Name, _socketName.Name + resource.SocketSuffix)
                .Select(registration => DevicePluginOptions.SocketError(registration.Folder.Path, _socketName.Name + resource.SocketSuffix))
                .FirstOrDefault(error => error is not null);
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
        var held = KubeletCheckpoint.HeldUnits(_folder.PathOf(KubeletCheckpoint.FileName))
            .Where(id => offered.Contains(id.DeviceId) && id.Cores is null == (defaultPe == DefaultPe.Single))
            .Select(id => $"'{id}'").Order(StringComparer.Ordinal);
        if (string.Join(", ", held) is { Length: > 0 } ids)
            LogHeld(defaultPe, ids);
    }

    private void LogChanges(ListedUnit[] units)
    {
        var before = _logged;
        _logged = units.ToDictionary(listed => listed.Unit.Id);
        foreach (var (id, listed) in _logged)
        {
            if (before.GetValueOrDefault(id) is { } old && (old.State, old.Reason) == (listed.State, listed.Reason))
                continue;

            if (listed.State == UnitState.Healthy)
                LogHealthy(listed.Unit.Name, id);
            else
                LogNotHealthy(listed.Unit.Name, id, listed.State, listed.Reason!);
        }

        foreach (var (id, gone) in before.Where(unit => !_logged.ContainsKey(unit.Key)))
            LogGone(gone.Unit.Name, id);
    }

    [LoggerMessage(1, LogLevel.Information, "{Name} ({Id}) is healthy", EventName = "Healthy")]
    private partial void LogHealthy(string name, UnitId id);

    [LoggerMessage(2, LogLevel.Warning, "{Name} ({Id}) is {State}: {Reason}", EventName = "NotHealthy")]
    private partial void LogNotHealthy(string name, UnitId id, UnitState state, string reason);

    [LoggerMessage(3, LogLevel.Information, "{Name} ({Id}) is no longer offered", EventName = "Gone")]
    private partial void LogGone(string name, UnitId id);

    [LoggerMessage(4, LogLevel.Error, "Cards of '{Resource}' are not offered: {Reason}", EventName = "Refused")]
    private partial void LogRefused(string resource, string reason);

    [LoggerMessage(
        5, LogLevel.Warning, "Units are {DefaultPe} now, and Pods hold {Ids} of before: the kubelet may give their cores a second time. "
            + "End those Pods, or drain the node before such a change",
        EventName = "Held")]
    private partial void LogHeld(DefaultPe defaultPe, string ids);

    [LoggerMessage(6, LogLevel.Information, "The socket {Path} of another Pod is removed: nobody answers at it", EventName = "Removed")]
    private partial void LogRemoved(string path);
}
