namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>
/// How many calls the Events of one object may cost, as client-go limits them (defaultSpamBurst and defaultSpamQPS of
/// https://github.com/kubernetes/client-go/blob/master/tools/record/events_cache.go). Not for use by several threads at once.
/// </summary>
internal sealed class EventBudget(TimeProvider timeProvider)
{
    public const int Burst = 25;

    /// <summary>In which one more comes.</summary>
    public static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private double _calls = Burst;
    private long _at = timeProvider.GetTimestamp();

    public bool TryTake()
    {
        var now = timeProvider.GetTimestamp();
        _calls = Math.Min(Burst, _calls + (timeProvider.GetElapsedTime(_at, now) / Refill));
        _at = now;
        if (_calls < 1)
            return false;

        _calls--;
        return true;
    }
}
