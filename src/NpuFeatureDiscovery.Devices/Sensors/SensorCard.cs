namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>A card that a <see cref="SensorReader"/> reads, on one thread at a time.</summary>
/// <param name="root">The folder that is read as the host.</param>
/// <param name="device">The card as it is known at first.</param>
/// <param name="clock">The time since a fixed moment.</param>
internal sealed class SensorCard(HostRoot root, NpuDevice device, Func<TimeSpan> clock) : IDisposable
{
    private readonly Lock _gate = new();
    private volatile CardSensors _sensors = new(root, device, clock);
    private bool _isHanging;
    private bool _isDisposed;

    /// <summary>Whether a read of it has not come back yet, for which nobody waits any more.</summary>
    public bool IsHanging
    {
        get
        {
            lock (_gate)
                return _isHanging;
        }
    }

    /// <summary>Reads it; only one that does not hang.</summary>
    /// <param name="device">The card as it is known now.</param>
    /// <param name="part">What is read.</param>
    public SensorReadings Read(NpuDevice device, CardPart part)
    {
        if (_sensors.Device != device)
        {
            _sensors.Dispose();
            _sensors = new CardSensors(root, device, clock);
        }

        return part == CardPart.Counters ? _sensors.ReadCounters() : _sensors.Read(withCounters: part == CardPart.All);
    }

    /// <summary>What there is to say of it instead of a reading.</summary>
    public SensorReadings NoAnswer(NpuDevice device, TimeSpan timeout)
    {
        var reason = $"no answer within {timeout.TotalSeconds:0.###} s";
        var path = _sensors.Path;
        return new SensorReadings
        {
            Device = device,
            Failure = $"{path} cannot be read: {reason}",
            Problems = [new ReadProblem(path, ReadProblemKind.Unreadable, $"cannot be read: {reason}")],
        };
    }

    /// <summary>Nobody waits for its reading any more.</summary>
    public void NoteHanging()
    {
        lock (_gate)
            _isHanging = true;
    }

    /// <summary>The read for which nobody waited any more has come back.</summary>
    public void NoteAnswer()
    {
        lock (_gate)
        {
            _isHanging = false;
            if (_isDisposed)
                _sensors.Dispose();
        }
    }

    /// <summary>Closes its files, at once or when its read comes back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            if (!_isHanging)
                _sensors.Dispose();
        }
    }
}
