using System.Text;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Metrics.Tests.Exposition;

public sealed class ExpositionFuzzTests
{
    private static readonly FuzzTarget Target = new("card-attribute")
    {
        Words = ["\\n", "\\\\", "\\\"", "\n# EOF\n", "\n# HELP a ", "\"} 1\n", "a{b=\""],
        MaxSize = 8 * 1024,
        Rounds = 500,
    };

    [Test]
    public void Whatever_a_card_says_as_a_label_or_help_it_forges_no_line([Values] bool isOpenMetrics) => Fuzz.Check(Target, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        MetricFamily[] families = [MetricFamily.Gauge("m", text, [new(1, ("a", text), ("b", text))])];

        var printed = (isOpenMetrics ? MetricsFormat.OpenMetrics : MetricsFormat.PrometheusText).Print(families);

        Fuzz.Require(
            ExpositionText.Read(printed, isOpenMetrics).SequenceEqual(ExpositionText.Expected(families, isOpenMetrics)), "It reads otherwise.");
    });
}
