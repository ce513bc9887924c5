namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>One reading of all cards, of which threads take one after the other. Those that hang from before are left out.</summary>
internal sealed class SensorScan
{
    private readonly Lock _gate = new();
    private readonly SensorCard[] _cards;
    private readonly IReadOnlyList<NpuDevice> _devices;
    private readonly CardPart _part;
    private readonly SensorReadings?[] _readings;
    private readonly List<int> _toRead;
    private readonly TaskCompletionSource _answered;
    private int _next;
    private int _open;
    private bool _isClosed;
    private long _took;

    /// <param name="cards">Those to read.</param>
    /// <param name="devices">As which each of them is known now.</param>
    /// <param name="part">What of each is read.</param>
    /// <param name="runContinuationsAsynchronously">Whether what awaits <see cref="Answered"/> stays off the thread of the last card.</param>
    public SensorScan(SensorCard[] cards, IReadOnlyList<NpuDevice> devices, CardPart part, bool runContinuationsAsynchronously)
    {
        (_cards, _devices, _part) = (cards, devices, part);
        _answered = new TaskCompletionSource(
            runContinuationsAsynchronously ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None);
        _readings = new SensorReadings?[cards.Length];
        _toRead = new List<int>(cards.Length);
        for (var index = 0; index < cards.Length; index++)
        {
            if (!cards[index].IsHanging)
                _toRead.Add(index);
        }

        _open = _toRead.Count;
        if (_open == 0)
            _answered.SetResult();
    }

    public int Count => _cards.Length;

    /// <summary>Done when each card that is read has answered.</summary>
    public Task Answered => _answered.Task;

    /// <summary>How many cards no thread has taken.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _toRead.Count - _next;
        }
    }

    /// <summary>How long the cards that have answered took, together.</summary>
    public TimeSpan Took => TimeProvider.System.GetElapsedTime(0, Volatile.Read(ref _took));

    /// <summary>Reads one card after the other, until none is left; on a thread that may hang.</summary>
    public void Read()
    {
        while (TryTake(out var index))
        {
            var startedAt = TimeProvider.System.GetTimestamp();
            var readings = _cards[index].Read(_devices[index], _part);
            Answer(index, readings, TimeProvider.System.GetTimestamp() - startedAt);
        }
    }

    /// <summary>Waits for no card any more: one that is being read hangs, and one that is not is not read.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            for (var taken = 0; taken < _next; taken++)
            {
                if (_readings[_toRead[taken]] is null)
                    _cards[_toRead[taken]].NoteHanging();
            }
        }
    }

    /// <summary>What the cards have answered, once it is closed.</summary>
    /// <param name="timeout">What to say of how long the others were waited for.</param>
    public SensorReadings[] Readings(TimeSpan timeout)
    {
        for (var index = 0; index < _readings.Length; index++)
            _readings[index] ??= _cards[index].NoAnswer(_devices[index], timeout);

        return _readings!;
    }

    private bool TryTake(out int index)
    {
        lock (_gate)
        {
            var isLeft = !_isClosed && _next < _toRead.Count;
            index = isLeft ? _toRead[_next++] : -1;
            return isLeft;
        }
    }

    private void Answer(int index, SensorReadings readings, long took)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                _cards[index].NoteAnswer();
                return;
            }

            _readings[index] = readings;
            _took += took;
            if (--_open > 0)
                return;
        }

        _answered.SetResult();
    }
}
