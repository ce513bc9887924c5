using System.Buffers;
using System.Text;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Tests.Exposition;

internal static class Formats
{
    public static string Print(this MetricsFormat format, params IEnumerable<MetricFamily> families)
    {
        var output = new ArrayBufferWriter<byte>();
        format.Write(output, families);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>One of everything.</summary>
    public static MetricFamily[] Sample() =>
    [
        MetricFamily.Info("build_info", "The build that runs.", new MetricLabels(("version", "1.2.3"), ("revision", "0ab"))),
        MetricFamily.Counter("calls_total", "Calls by method.",
        [
            new(17, ("method", "Allocate"), ("code", "OK")),
            new(3, ("method", "Allocate"), ("code", "Internal")),
            new(9_007_199_254_740_991, ("method", "ListAndWatch")),
        ]),
        MetricFamily.Counter("cpu_seconds_total", "CPU time.", [new(0.1)], "seconds"),
        MetricFamily.Histogram("duration_seconds", "How long it takes.",
        [
            new HistogramSample(new MetricLabels(("method", "Allocate")), [0.00001, 0.005, 1, 2.5, 1_048_576], [1, 0, 2, 0, 0, 4], 7.25),
            new HistogramSample(MetricLabels.None, [], [5], 3.5),
        ], "seconds"),
        MetricFamily.Gauge("furiosa_npu_hw_temperature", "Temperature, unit in no name.", [new(41.5, ("device", "npu0"))], "celsius"),
        MetricFamily.Gauge("limits", "", [new(double.PositiveInfinity, ("a", "1")), new(double.NegativeInfinity, ("a", "2"))]),
        MetricFamily.Histogram("offset", "Around zero.", [new HistogramSample(MetricLabels.None, [-1, 1], [1, 1, 1], -4)]),
        MetricFamily.Gauge("tricky", "Backslash \\, quote \", line\nfeed.", [new(double.NaN, ("text", "\\ \" \n \r é 한 \ud83d\ude00"))]),
    ];
}
