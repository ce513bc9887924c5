using System.Buffers;

namespace NpuFeatureDiscovery.Metrics.Exposition;

/// <summary>A text that Prometheus reads. Equal families give equal bytes, in whatever order they come.</summary>
public abstract class MetricsFormat
{
    private protected MetricsFormat(string contentType) => ContentType = contentType;

    /// <summary>
    /// Version 0.0.4 of Prometheus' own text:
    /// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.
    /// </summary>
    public static MetricsFormat PrometheusText { get; } = new PrometheusTextFormat();

    /// <summary>OpenMetrics 1.0: https://prometheus.io/docs/specs/om/open_metrics_spec/.</summary>
    public static MetricsFormat OpenMetrics { get; } = new OpenMetricsFormat();

    /// <summary>The value of the header <c>Content-Type</c>.</summary>
    public string ContentType { get; }

    /// <summary>Writes families as UTF-8.</summary>
    /// <exception cref="ArgumentException">Two families take the same name.</exception>
    public void Write(IBufferWriter<byte> output, IEnumerable<MetricFamily> families)
    {
        var text = new Utf8Text(output);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        MetricFamily[] ordered = [.. families];
        Array.Sort(ordered, static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        foreach (var family in ordered)
        {
            foreach (var name in family.TakenNames)
            {
                if (!taken.Add(name))
                    throw new ArgumentException($"Metric '{family.Name}' takes the name '{name}' of another metric: rename one.");
            }

            WriteHead(text, family);
            for (var index = 0; index < family.Samples.Count; index++)
                WriteSample(text, family.Name, "", family.Samples[index].Labels, family.Samples[index].Value);
            for (var index = 0; index < family.Histograms.Count; index++)
                WriteHistogram(text, family.Name, family.Histograms[index]);
        }

        WriteEnd(text);
    }

    private protected abstract void WriteHead(Utf8Text text, MetricFamily family);

    private protected abstract void WriteEnd(Utf8Text text);

    /// <summary>A bucket's bound as the value of its label.</summary>
    private protected abstract void WriteBound(Utf8Text text, double bound);

    private protected abstract bool HasSum(HistogramSample histogram);

    private void WriteHistogram(Utf8Text text, string name, HistogramSample histogram)
    {
        var count = 0L;
        for (var index = 0; index < histogram.Counts.Count; index++)
        {
            count += histogram.Counts[index];
            var bound = index < histogram.Bounds.Count ? histogram.Bounds[index] : double.PositiveInfinity;
            WriteSample(text, name, "_bucket", histogram.Labels, count, bound);
        }

        if (!HasSum(histogram))
            return;

        WriteSample(text, name, "_count", histogram.Labels, count);
        WriteSample(text, name, "_sum", histogram.Labels, histogram.Sum);
    }

    private void WriteSample(
        Utf8Text text, string name, string suffix, MetricLabels labels, double value, double? bound = null)
    {
        text.Write(name);
        text.Write(suffix);
        var separator = "{";
        foreach (var label in labels.Span)
        {
            text.Write(separator);
            text.Write(label.Name);
            text.Write("=\"");
            text.WriteEscaped(label.Value, quotes: true);
            text.Write("\"");
            separator = ",";
        }

        if (bound is { } limit)
        {
            text.Write(separator);
            text.Write(MetricName.BucketLabel);
            text.Write("=\"");
            WriteBound(text, limit);
            text.Write("\"");
            separator = ",";
        }

        text.Write(separator == "," ? "} " : " ");
        text.Write(value);
        text.Write("\n");
    }
}
