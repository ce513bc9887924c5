namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>
/// Makes the watch of NFD 0.19 see changes that follow too close on another event. After an event that watch discards all others until
/// its clock, which ticks once a second, goes on, and does not look again then: a change would wait for the reading once a minute.
/// </summary>
/// <param name="announce">Raises an event in the watched folder.</param>
/// <param name="timeProvider">Tells the time.</param>
internal sealed class ChangeAnnouncer(Action announce, TimeProvider timeProvider)
{
    /// <summary>The second of the watch, and as much again as a busy node may be late by.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.2);

    private long? _pauseEnd;
    private ITimer? _timer;

    /// <param name="isOneEvent">Whether the change raised no event before its last.</param>
    public void Changed(bool isOneEvent)
    {
        var now = timeProvider.GetTimestamp();
        var pause = (long)(Pause.TotalSeconds * timeProvider.TimestampFrequency);
        var isSeen = isOneEvent && (_pauseEnd is null || now >= _pauseEnd);
        Cancel();
        if (!isSeen)
            _timer = timeProvider.CreateTimer(_ => announce(), null, Pause, Timeout.InfiniteTimeSpan);

        // To announce is an event as well.
        _pauseEnd = now + (isSeen ? pause : 2 * pause);
    }

    /// <summary>Announces nothing any more.</summary>
    public void Cancel() => _timer?.Dispose();
}
