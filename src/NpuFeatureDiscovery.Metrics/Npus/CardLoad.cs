using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>The load of a card's cores, made of the counters of its combinations of cores. Not for use by several threads.</summary>
internal sealed class CardLoad
{
    /// <summary>
    /// The task counter goes round after 2^32 cycles, 2.1 s at 2 GHz: of more time than that the samples tell nothing.
    /// </summary>
    private static readonly TimeSpan LongestSpan = TimeSpan.FromSeconds(2.1);

    private static readonly CoreUtilization Idle = new(0, null);

    private readonly SortedDictionary<int, LoadWindow> _cores = [];
    private (TimeSpan At, SensorReadings Readings)? _last;

    /// <summary>Takes the next sample.</summary>
    /// <param name="now">When it was taken.</param>
    /// <param name="readings">The counters.</param>
    public void Add(TimeSpan now, SensorReadings readings)
    {
        if (readings.Failure is not null)
        {
            Interrupt();
            return;
        }

        if (_last is var (then, older) && now > then && now - then <= LongestSpan)
        {
            foreach (var core in Cores(older, readings))
            {
                if (Between(older, readings, core) is { } utilization)
                    WindowOf(core).Add(then, now, utilization);
            }
        }

        _last = (now, readings);
        foreach (var window in _cores.Values)
            window.MoveTo(now);
    }

    /// <summary>The load of each core of which something is known; none where the last sample is too old to speak of now.</summary>
    public IReadOnlyList<CoreLoad> At(TimeSpan now) => _last is var (then, _) && now - then <= LongestSpan
        ? [.. _cores.Values.Select(window => window.Load()).OfType<CoreLoad>()]
        : [];

    /// <summary>Lets what is older not be shown any more; the busy times go on from where they were.</summary>
    private void Interrupt()
    {
        _last = null;
        foreach (var window in _cores.Values)
            window.MoveTo(TimeSpan.MaxValue);
    }

    private LoadWindow WindowOf(int core)
    {
        if (!_cores.TryGetValue(core, out var window))
            _cores.Add(core, window = new LoadWindow(core));

        return window;
    }

    private static List<int> Cores(SensorReadings older, SensorReadings newer)
    {
        var cores = new List<int>();
        foreach (var combination in Combinations(older, newer))
        {
            for (var core = combination.Start; core <= combination.End; core++)
            {
                if (!cores.Contains(core))
                    cores.Add(core);
            }
        }

        return cores;
    }

    private static IEnumerable<CoreRange> Combinations(SensorReadings older, SensorReadings newer) =>
        older.CoreCounters.Concat(newer.CoreCounters).Select(counters => counters.Cores).Distinct();

    /// <summary>
    /// One combination is in use at a time, and the counters of the others stand still or are refused: the busiest is the one, and
    /// to add them up would count it twice. Where none of them was busy, all have to be known.
    /// </summary>
    private static CoreUtilization? Between(SensorReadings older, SensorReadings newer, int core)
    {
        var busiest = Idle;
        var areAllKnown = !older.UnknownCounters.Concat(newer.UnknownCounters).Any(cores => Contains(cores, core));
        foreach (var cores in Combinations(older, newer).Where(cores => Contains(cores, core)))
        {
            if (Between(SampleOf(older, cores), SampleOf(newer, cores)) is not { } utilization)
                areAllKnown = false;
            else if (utilization.Utilization > busiest.Utilization)
                busiest = utilization;
        }

        return areAllKnown || busiest.Utilization > 0 ? busiest : null;
    }

    /// <summary>Nothing is known where the use began or ended in between.</summary>
    private static CoreUtilization? Between(CounterSample? older, CounterSample? newer) => (older, newer) switch
    {
        (null, null) => Idle,
        ({ } start, { } end) when start.Cycles == end.Cycles => Idle,
        ({ } start, { } end) when end.ReadAt - start.ReadAt <= LongestSpan => CoreUtilization.Between(start, end),
        _ => null,
    };

    /// <summary>Null where the driver refuses them as nobody uses the cores so, and where it does not offer them so.</summary>
    private static CounterSample? SampleOf(SensorReadings readings, CoreRange cores) =>
        readings.CoreCounters.FirstOrDefault(counters => counters.Cores == cores)?.Sample;

    private static bool Contains(CoreRange cores, int core) => cores.Start <= core && core <= cores.End;
}
