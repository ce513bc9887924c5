using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>The load of one core over the last seconds.</summary>
/// <param name="core">Which core.</param>
internal sealed class LoadWindow(int core)
{
    /// <summary>So long that two scrapes of one who comes every 10 s miss nothing in between.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private readonly Queue<Span> _spans = new();
    private TimeSpan _busy;

    /// <summary>Adds what is known of the time between two samples.</summary>
    public void Add(TimeSpan start, TimeSpan end, CoreUtilization utilization)
    {
        _spans.Enqueue(new Span(start, end, utilization));
        _busy += (end - start) * utilization.Utilization;
    }

    /// <summary>Forgets what is too old to count.</summary>
    public void MoveTo(TimeSpan now)
    {
        while (_spans.TryPeek(out var oldest) && oldest.End <= now - Length)
            _spans.Dequeue();
    }

    /// <summary>The mean, weighted by time; null where nothing is known of the last seconds.</summary>
    public CoreLoad? Load()
    {
        double time = 0, task = 0, tensor = 0;
        foreach (var span in _spans)
        {
            var length = (span.End - span.Start).TotalSeconds;
            time += length;
            task += length * span.Utilization.Utilization;
            tensor += length * span.Utilization.Utilization * (span.Utilization.ComputationRatio ?? 0);
        }

        return time > 0 ? new CoreLoad(core, task / time, task > 0 ? tensor / task : null, _busy) : null;
    }

    private readonly record struct Span(TimeSpan Start, TimeSpan End, CoreUtilization Utilization);
}
