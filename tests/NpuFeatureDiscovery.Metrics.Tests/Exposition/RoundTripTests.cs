using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Tests.Exposition;

/// <summary>What holds for every text, whatever labels and helps say.</summary>
public sealed class RoundTripTests
{
    private const int Rounds = 2_000;
    private static readonly string[] Letters =
        ["a", "Z", "0", " ", "\\", "\"", "\n", "\r", "\t", ",", "=", "{", "}", "#", "\0", "é", "한", "\ud83d\ude00"];

    [Test]
    public void What_is_written_reads_back_as_it_was([Values] bool isOpenMetrics)
    {
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            var families = Families(random);
            var text = (isOpenMetrics ? MetricsFormat.OpenMetrics : MetricsFormat.PrometheusText).Print(families);

            var read = ExpositionText.Read(text, isOpenMetrics);

            Assert.That(read, Is.EqualTo(ExpositionText.Expected(families, isOpenMetrics)), text);
        }
    }

    private static MetricFamily[] Families(Random random) => [.. Enumerable.Range(0, random.Next(5)).Select(index =>
    {
        var (name, help) = ($"m{index}", Text(random));
        return random.Next(3) switch
        {
            0 => MetricFamily.Gauge(name, help, Samples(random)),
            1 => MetricFamily.Counter($"{name}_total", help, Samples(random).Where(sample => sample.Value >= 0)),
            _ => MetricFamily.Histogram(
                name, help, Samples(random).Where(sample => sample.Value >= 0).Select(sample => Histogram(random, sample))),
        };
    })];

    private static IEnumerable<MetricSample> Samples(Random random) => Enumerable.Range(0, random.Next(5))
        .Select(_ => Labels(random)).Distinct().Select(labels => new MetricSample(labels, Number(random)));

    private static HistogramSample Histogram(Random random, MetricSample sample)
    {
        double[] bounds = [.. Enumerable.Range(0, random.Next(5)).Select(_ => Math.Abs(Number(random)))
            .Where(double.IsFinite).Distinct().Order()];
        long[] counts = [.. Enumerable.Range(0, bounds.Length + 1).Select(_ => (long)random.Next())];
        return new(sample.Labels, bounds, counts, sample.Value);
    }

    private static MetricLabels Labels(Random random) =>
        new([.. "abc".Where(_ => random.Next(2) == 0).Select(name => (name.ToString(), Text(random)))]);

    private static double Number(Random random) => random.Next(6) switch
    {
        0 => random.Next(),
        1 => random.NextDouble(),
        2 => double.NaN,
        3 => double.NegativeInfinity,
        4 => double.PositiveInfinity,
        _ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
    };

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(10)).Select(_ => Letters[random.Next(Letters.Length)]));
}
