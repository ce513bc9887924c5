using System.Collections.Concurrent;

namespace NpuFeatureDiscovery.Kubernetes.Tests;

/// <summary>A clock on which every wait is over at once, but for those of the length of a deadline, which never end.</summary>
internal sealed class ImmediateTime(TimeSpan deadline) : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = [];

    public IReadOnlyCollection<TimeSpan> Waits => _waits;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == deadline)
            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);

        _waits.Enqueue(dueTime);
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
