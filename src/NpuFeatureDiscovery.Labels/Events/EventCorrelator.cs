namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>
/// Makes of the same thing that happens again one object that counts, as client-go does:
/// https://github.com/kubernetes/client-go/blob/master/tools/record/events_cache.go. Not for use by several threads at once.
/// </summary>
internal sealed class EventCorrelator(string nodeName, TimeProvider timeProvider)
{
    /// <summary>What happens this long after the last time is a new object: client-go's defaultAggregateIntervalInSeconds.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>The longest name of an object is 253, and a point and 16 digits follow.</summary>
    private const int MaxNodeNameLength = 253 - 17;

    private readonly Dictionary<NodeEvent, (EventSeries Series, long SeenAt)> _series = [];
    private long _lastStamp;

    public EventSeries Observe(NodeEvent happened)
    {
        foreach (var (old, entry) in _series)
        {
            if (timeProvider.GetElapsedTime(entry.SeenAt) > Window)
                _series.Remove(old);
        }

        var now = timeProvider.GetUtcNow();
        var series = _series.TryGetValue(happened, out var known)
            ? known.Series with { Count = known.Series.Count + 1, Last = now }
            : new EventSeries(NewName(now), happened, 1, now, now);
        _series[happened] = (series, timeProvider.GetTimestamp());
        return series;
    }

    /// <summary>By the time, as client-go names them, and never the same twice.</summary>
    private string NewName(DateTimeOffset now)
    {
        _lastStamp = Math.Max(now.UtcTicks, _lastStamp + 1);
        var node = nodeName.Length > MaxNodeNameLength ? nodeName[..MaxNodeNameLength].TrimEnd('.', '-') : nodeName;
        return $"{node}.{_lastStamp:x16}";
    }
}
