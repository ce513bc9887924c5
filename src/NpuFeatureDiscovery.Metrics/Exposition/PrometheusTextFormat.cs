namespace NpuFeatureDiscovery.Metrics.Exposition;

internal sealed class PrometheusTextFormat() : MetricsFormat("text/plain; version=0.0.4; charset=utf-8")
{
    private protected override void WriteHead(Utf8Text text, MetricFamily family)
    {
        if (family.Help.Length > 0)
        {
            text.Write($"# HELP {family.Name} ");
            text.WriteEscaped(family.Help, quotes: false);
            text.Write("\n");
        }

        text.Write($"# TYPE {family.Name} {TypeOf(family)}\n");
    }

    private protected override void WriteEnd(Utf8Text text)
    {
    }

    private protected override void WriteBound(Utf8Text text, double bound) => text.Write(BucketBound.Print(bound));

    private protected override bool HasSum(HistogramSample histogram) => true;

    private static string TypeOf(MetricFamily family) => family.Type switch
    {
        MetricType.Counter => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };
}
