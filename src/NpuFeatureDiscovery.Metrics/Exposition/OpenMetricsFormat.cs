namespace NpuFeatureDiscovery.Metrics.Exposition;

internal sealed class OpenMetricsFormat() : MetricsFormat("application/openmetrics-text; version=1.0.0; charset=utf-8")
{
    private protected override void WriteHead(Utf8Text text, MetricFamily family)
    {
        var name = family.StemName;
        text.Write($"# TYPE {name} {TypeOf(family)}\n");
        if (family.Unit is { Length: > 0 } unit && name.EndsWith($"_{unit}", StringComparison.Ordinal))
            text.Write($"# UNIT {name} {unit}\n");
        if (family.Help.Length == 0)
            return;

        text.Write($"# HELP {name} ");
        text.WriteEscaped(family.Help, quotes: true);
        text.Write("\n");
    }

    private protected override void WriteEnd(Utf8Text text) => text.Write("# EOF\n");

    /// <summary>The specification asks for a float where other clients print an integer.</summary>
    private protected override void WriteBound(Utf8Text text, double bound)
    {
        var number = BucketBound.Print(bound);
        text.Write(number);
        if (double.IsInteger(bound) && !number.Contains('e', StringComparison.Ordinal))
            text.Write(".0");
    }

    /// <summary>Of a sum that is no counter, as values may be negative, the specification wants neither sum nor count.</summary>
    private protected override bool HasSum(HistogramSample histogram) =>
        histogram.Sum >= 0 && (histogram.Bounds.Count == 0 || histogram.Bounds[0] >= 0);

    private static string TypeOf(MetricFamily family) => family.Type switch
    {
        MetricType.Counter => "counter",
        MetricType.Histogram => "histogram",
        MetricType.Info => "info",
        _ => "gauge",
    };
}
