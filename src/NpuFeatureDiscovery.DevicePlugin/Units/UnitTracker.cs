using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>
/// Decides from reading to reading what the kubelet is told of each unit: it changes its mind slowly, and it keeps a unit that
/// vanished for a while, so that the Pod that holds it can be told. Not for use by several threads at once.
/// </summary>
internal sealed class UnitTracker(TimeProvider timeProvider)
{
    public const int ReadingsToUnhealthy = 2;
    public const int ReadingsToHealthy = 3;

    /// <summary>For how long a unit that vanished stays listed.</summary>
    public static readonly TimeSpan KeepVanished = TimeSpan.FromMinutes(10);

    private readonly Dictionary<UnitId, TrackedUnit> _units = [];
    private readonly DeviceIds _ids = new();
    private (NodeSnapshot Snapshot, string? Failure, DefaultPe DefaultPe)? _last;

    /// <summary>What it came to: the units and since when each is as it is.</summary>
    public IEnumerable<ListedUnit> Units => _units.Values.Select(tracked => new ListedUnit(
        tracked.Unit, tracked.IsHealthy ? PluginDeviceState.Healthy : PluginDeviceState.Unhealthy, tracked.Reason, tracked.Since));

    /// <summary>Whether each unit is as the last reading has it, and none waits for another reading that says so.</summary>
    public bool IsSettled => _units.Values.All(tracked => tracked.Contradictions == 0);

    /// <summary>Takes one reading into account.</summary>
    /// <returns>Whether <see cref="Units"/> may differ from before.</returns>
    public bool Observe(NodeReading reading, DefaultPe defaultPe)
    {
        var isSame = _last is { } last && ReferenceEquals(last.Snapshot, reading.Snapshot) && last.Failure == reading.Failure
            && last.DefaultPe == defaultPe;
        if (isSame && _units.Values.All(tracked => tracked.IsSettled))
            return false;

        // Units of the other kind have not vanished: the same cards are offered in other pieces now.
        if (_last is { } before && before.DefaultPe != defaultPe)
            _units.Clear();

        _last = (reading.Snapshot, reading.Failure, defaultPe);
        var devices = reading.Snapshot.Devices;
        var ids = _ids.Of(devices);
        var present = devices.SelectMany((device, index) => UnitFactory.Create(device, ids[index], defaultPe))
            .ToDictionary(unit => unit.Id);
        foreach (var unit in present.Values)
            Observe(unit, reading.Failure ?? unit.Fault);

        foreach (var tracked in _units.Values.Where(tracked => !present.ContainsKey(tracked.Unit.Id)).ToArray())
            ObserveVanished(tracked);

        return true;
    }

    private void Observe(Unit unit, string? fault)
    {
        if (!_units.TryGetValue(unit.Id, out var tracked))
        {
            // The first reading is all there is to go by.
            _units.Add(unit.Id, new TrackedUnit
            {
                Unit = unit,
                IsHealthy = fault is null,
                Reason = fault,
                Since = timeProvider.GetUtcNow(),
            });
            return;
        }

        tracked.VanishedAt = null;
        Judge(tracked, fault);
        // What is listed as healthy can be asked for: without nodes that the last reading missed, a container would be given nothing.
        if (fault is null || !tracked.IsHealthy)
            tracked.Unit = unit;
    }

    private void ObserveVanished(TrackedUnit tracked)
    {
        tracked.VanishedAt ??= timeProvider.GetTimestamp();
        if (timeProvider.GetElapsedTime(tracked.VanishedAt.Value) >= KeepVanished)
            _units.Remove(tracked.Unit.Id);
        else
            Judge(tracked, "it is gone from the host");
    }

    private void Judge(TrackedUnit tracked, string? fault)
    {
        if (tracked.IsHealthy == fault is null)
        {
            tracked.Contradictions = 0;
            tracked.Reason = fault;
            return;
        }

        tracked.Contradictions++;
        if (tracked.Contradictions < (fault is null ? ReadingsToHealthy : ReadingsToUnhealthy))
            return;

        tracked.IsHealthy = fault is null;
        tracked.Reason = fault;
        tracked.Since = timeProvider.GetUtcNow();
        tracked.Contradictions = 0;
    }

    private sealed class TrackedUnit
    {
        public required Unit Unit { get; set; }

        public required bool IsHealthy { get; set; }

        public required string? Reason { get; set; }

        public required DateTimeOffset Since { get; set; }

        /// <summary>How many readings in a row said otherwise.</summary>
        public int Contradictions { get; set; }

        public long? VanishedAt { get; set; }

        /// <summary>Whether the same reading again would change nothing.</summary>
        public bool IsSettled => Contradictions == 0 && VanishedAt is null;
    }
}
