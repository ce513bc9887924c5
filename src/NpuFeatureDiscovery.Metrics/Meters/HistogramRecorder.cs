using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Meters;

/// <summary>Keeps how many values fell into which bucket.</summary>
internal sealed class HistogramRecorder(string name, string help, string? unit, double[] bounds) :
    Recorder<HistogramRecorder.Series>
{
    protected override Series NewSeries() => new(bounds.Length + 1);

    protected override void Record(Series series, double value)
    {
        // It would stay in the sum for ever.
        if (double.IsNaN(value))
            return;

        var index = Array.BinarySearch(bounds, value);
        series.Counts[index < 0 ? ~index : index]++;
        series.Sum += value;
    }

    protected override MetricFamily Read(Dictionary<MetricLabels, Series> series)
    {
        var samples = new List<HistogramSample>(series.Count);
        foreach (var (labels, counted) in series)
            samples.Add(new HistogramSample(labels, bounds, counted.Counts, counted.Sum));

        return MetricFamily.Histogram(name, help, samples, unit);
    }

    internal sealed class Series(int buckets)
    {
        public long[] Counts { get; } = new long[buckets];

        public double Sum { get; set; }
    }
}
