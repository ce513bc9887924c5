using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Meters;

/// <summary>Keeps what an instrument has measured.</summary>
internal abstract class Recorder
{
    public abstract void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags);

    /// <summary>Forgets what was measured, as an observable instrument is about to say it anew.</summary>
    public abstract void Clear();

    /// <summary>What was measured; <see langword="null"/> where nothing was.</summary>
    public abstract MetricFamily? Read();
}

/// <summary>Keeps a series for each combination of labels.</summary>
internal abstract class Recorder<TSeries> : Recorder where TSeries : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<MetricLabels, TSeries> _series = [];
    private readonly Dictionary<KeyValuePair<string, object?>[], TSeries> _byTags = new(TagComparer.Instance);

    public override void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            // Tags in another order are other tags but the same labels.
            var byTags = _byTags.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
            if (!byTags.TryGetValue(tags, out var series))
                byTags[tags] = series = SeriesOf(TagLabels.Of(tags));

            Record(series, value);
        }
    }

    public override void Clear()
    {
        lock (_lock)
        {
            _series.Clear();
            _byTags.Clear();
        }
    }

    public override MetricFamily? Read()
    {
        lock (_lock)
            return _series.Count == 0 ? null : Read(_series);
    }

    protected abstract TSeries NewSeries();

    protected abstract void Record(TSeries series, double value);

    protected abstract MetricFamily Read(Dictionary<MetricLabels, TSeries> series);

    private TSeries SeriesOf(MetricLabels labels)
    {
        if (!_series.TryGetValue(labels, out var series))
            _series[labels] = series = NewSeries();

        return series;
    }
}
