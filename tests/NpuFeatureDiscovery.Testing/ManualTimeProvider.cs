namespace NpuFeatureDiscovery.Testing;

/// <summary>A clock that stands still until it is advanced; timers that fall due fire inside <see cref="Advance"/>.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private Action<TimeSpan>? _timerCreated;
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _clockOffset;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now + _clockOffset;
    }

    public override long GetTimestamp()
    {
        lock (_lock)
            return _now.Ticks;
    }

    /// <summary>Sets the clock as a person or NTP does: timers and timestamps know nothing of it.</summary>
    public void SetClock(DateTimeOffset now)
    {
        lock (_lock)
            _clockOffset = now - _now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        _timerCreated?.Invoke(dueTime);
        return timer;
    }

    /// <summary>Moves the clock on, and fires each timer at its own time on the way.</summary>
    public void Advance(TimeSpan span)
    {
        DateTimeOffset end;
        lock (_lock)
            end = _now + span;

        while (NextDue(end) is { } timer)
            timer.Fire();

        lock (_lock)
            _now = end;
    }

    /// <summary>Moves the clock on, until somebody begins to wait for a time of its own because of that.</summary>
    /// <param name="span">How far.</param>
    /// <param name="wait">The time that somebody waits for.</param>
    /// <param name="token">Ends the wait for that.</param>
    public async Task AdvanceUntilWaitAsync(TimeSpan span, TimeSpan wait, CancellationToken token)
    {
        var isWaiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void NoteTimer(TimeSpan dueTime)
        {
            if (dueTime == wait)
                isWaiting.TrySetResult();
        }

        _timerCreated += NoteTimer;
        Advance(span);
        await isWaiting.Task.WaitAsync(token);
        _timerCreated -= NoteTimer;
    }

    private Timer? NextDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            var timer = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (timer is null)
                return null;

            if (timer.Due > _now)
                _now = timer.Due.Value;

            timer.Due = timer.Period > TimeSpan.Zero ? timer.Due + timer.Period : null;
            return timer;
        }
    }

    private sealed class Timer(ManualTimeProvider clock, Action fire) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                Period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
                clock._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._lock)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
