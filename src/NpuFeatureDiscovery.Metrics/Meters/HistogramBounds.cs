using System.Diagnostics.Metrics;
using System.Numerics;

namespace NpuFeatureDiscovery.Metrics.Meters;

internal static class HistogramBounds
{
    /// <summary>From 5 ms to 10 s, as other Prometheus clients have it.</summary>
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>https://opentelemetry.io/docs/specs/otel/metrics/sdk/#explicit-bucket-histogram-aggregation.</summary>
    private static readonly double[] Others = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

    /// <summary>Those of the instrument's advice, else usual ones for its unit.</summary>
    public static double[] Of(Instrument instrument) =>
        Advised(instrument) ?? (instrument.Unit == "s" ? Seconds : Others);

    private static double[]? Advised(Instrument instrument) => instrument switch
    {
        Histogram<byte> histogram => Advised(histogram),
        Histogram<short> histogram => Advised(histogram),
        Histogram<int> histogram => Advised(histogram),
        Histogram<long> histogram => Advised(histogram),
        Histogram<float> histogram => Advised(histogram),
        Histogram<double> histogram => Advised(histogram),
        Histogram<decimal> histogram => Advised(histogram),
        _ => null,
    };

    private static double[]? Advised<T>(Histogram<T> histogram) where T : struct, INumber<T>
    {
        if (histogram.Advice?.HistogramBucketBoundaries is not { } advised)
            return null;

        var bounds = new List<double>(advised.Count);
        foreach (var bound in advised)
        {
            if (T.IsFinite(bound))
                bounds.Add(double.CreateChecked(bound));
        }

        return [.. bounds];
    }
}
