using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Meters;

/// <summary>Keeps the numbers of a counter or a gauge.</summary>
/// <param name="name">The name of the metric.</param>
/// <param name="help">What the instrument says of itself.</param>
/// <param name="unit">The unit as the name spells it.</param>
/// <param name="isCounter">Whether it only grows.</param>
/// <param name="isSum">Whether the instrument measures changes, not the value itself.</param>
internal sealed class ValueRecorder(string name, string help, string? unit, bool isCounter, bool isSum) :
    Recorder<ValueRecorder.Series>
{
    protected override Series NewSeries() => new();

    protected override void Record(Series series, double value)
    {
        // What shrinks is no counter, and NaN would stay in the sum for ever.
        if (isCounter && !(value >= 0))
            return;

        series.Value = isSum ? series.Value + value : value;
    }

    protected override MetricFamily Read(Dictionary<MetricLabels, Series> series)
    {
        var samples = new List<MetricSample>(series.Count);
        foreach (var (labels, measured) in series)
            samples.Add(new MetricSample(labels, measured.Value));

        return isCounter ? MetricFamily.Counter(name, help, samples, unit) : MetricFamily.Gauge(name, help, samples, unit);
    }

    internal sealed class Series
    {
        public double Value { get; set; }
    }
}
