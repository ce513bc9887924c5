using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Exposition;

public sealed class MetricsFormatTests
{
    private static MetricsFormat[] Both => [MetricsFormat.PrometheusText, MetricsFormat.OpenMetrics];

    [Test]
    public void One_of_everything_in_the_text_of_Prometheus()
    {
        var difference = VerifiedText.Difference(MetricsFormat.PrometheusText.Print(Formats.Sample()), "PrometheusText");

        Assert.That(difference, Is.Null, difference);
    }

    [Test]
    public void One_of_everything_in_OpenMetrics()
    {
        var difference = VerifiedText.Difference(MetricsFormat.OpenMetrics.Print(Formats.Sample()), "OpenMetrics");

        Assert.That(difference, Is.Null, difference);
    }

    [Test]
    public void Of_a_counter_OpenMetrics_names_the_family_without_total()
    {
        var counter = MetricFamily.Counter("calls_total", "Calls.", [new(1)]);

        Assert.That(MetricsFormat.PrometheusText.Print(counter), Is.EqualTo(
            "# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total 1\n"));
        Assert.That(MetricsFormat.OpenMetrics.Print(counter), Is.EqualTo(
            "# TYPE calls counter\n# HELP calls Calls.\ncalls_total 1\n# EOF\n"));
    }

    [Test]
    public void A_quote_in_a_help_is_escaped_in_OpenMetrics_only()
    {
        var gauge = MetricFamily.Gauge("a", "\" \\ \n", []);

        Assert.That(MetricsFormat.PrometheusText.Print(gauge), Does.StartWith("# HELP a \" \\\\ \\n\n"));
        Assert.That(MetricsFormat.OpenMetrics.Print(gauge), Does.Contain("# HELP a \\\" \\\\ \\n\n"));
    }

    [TestCaseSource(nameof(Both))]
    public void A_label_value_is_escaped(MetricsFormat format) =>
        Assert.That(format.Print(MetricFamily.Gauge("a", "", [new(1, ("b", "\" \\ \n"))])),
            Does.Contain("a{b=\"\\\" \\\\ \\n\"} 1\n"));

    [TestCase("a_seconds", "seconds", ExpectedResult = true)]
    [TestCase("seconds", "seconds", ExpectedResult = false)]
    [TestCase("a_milliseconds", "seconds", ExpectedResult = false)]
    [TestCase("a", "seconds", ExpectedResult = false)]
    [TestCase("a", null, ExpectedResult = false)]
    [TestCase("a_", "", ExpectedResult = false)]
    public bool The_unit_is_written_where_the_name_ends_in_it(string name, string? unit)
    {
        var gauge = MetricFamily.Gauge(name, "", [new(1)], unit);

        Assert.That(MetricsFormat.PrometheusText.Print(gauge), Does.Not.Contain("UNIT"));
        return MetricsFormat.OpenMetrics.Print(gauge).Contains($"# UNIT {name} {unit}\n");
    }

    [TestCase(0, ExpectedResult = "0")]
    [TestCase(0.1, ExpectedResult = "0.1")]
    [TestCase(-2.5, ExpectedResult = "-2.5")]
    [TestCase(1_048_576, ExpectedResult = "1048576")]
    [TestCase(double.MaxValue, ExpectedResult = "1.7976931348623157E+308")]
    [TestCase(double.Epsilon, ExpectedResult = "5E-324")]
    [TestCase(double.NaN, ExpectedResult = "NaN")]
    [TestCase(double.PositiveInfinity, ExpectedResult = "+Inf")]
    [TestCase(double.NegativeInfinity, ExpectedResult = "-Inf")]
    public string A_number_is_the_shortest_that_reads_back_as_the_same(double value) =>
        MetricsFormat.PrometheusText.Print(MetricFamily.Gauge("a", "", [new(value)])).Split(' ', '\n')[^2];

    // What strconv.FormatFloat(f, 'g', -1, 64) of Go gives, and ".0" for what would look like an integer.
    [TestCase(0, ExpectedResult = "0.0")]
    [TestCase(0.00001, ExpectedResult = "1e-05")]
    [TestCase(0.0001, ExpectedResult = "0.0001")]
    [TestCase(1, ExpectedResult = "1.0")]
    [TestCase(2.5, ExpectedResult = "2.5")]
    [TestCase(100_000, ExpectedResult = "100000.0")]
    [TestCase(1_000_000, ExpectedResult = "1e+06")]
    [TestCase(1_048_576, ExpectedResult = "1.048576e+06")]
    [TestCase(1_234_567.25, ExpectedResult = "1.23456725e+06")]
    [TestCase(10_000_000_000, ExpectedResult = "1e+10")]
    [TestCase(1e300, ExpectedResult = "1e+300")]
    public string A_bound_in_OpenMetrics_is_canonical(double bound) =>
        MetricsFormat.OpenMetrics.Print(MetricFamily.Histogram("a", "", [new(MetricLabels.None, [bound], [0, 0], 0)]))
            .Split('"')[1];

    [TestCaseSource(nameof(Both))]
    public void Equal_families_give_equal_bytes_in_whatever_order_they_come(MetricsFormat format)
    {
        var families = Formats.Sample();

        Assert.That(format.Print(families.Reverse()), Is.EqualTo(format.Print(families)));
    }

    [TestCaseSource(nameof(Both))]
    public void Two_families_that_take_one_name_are_refused(MetricsFormat format)
    {
        MetricFamily[] families = [MetricFamily.Counter("a_total", "", []), MetricFamily.Gauge("a", "", [])];

        Assert.That(() => format.Print(families), Throws.ArgumentException.With.Message.Contain("takes the name 'a'"));
    }

    [TestCaseSource(nameof(Both))]
    public void Nothing_is_a_text_as_well(MetricsFormat format) =>
        Assert.That(format.Print(), Is.EqualTo(format == MetricsFormat.OpenMetrics ? "# EOF\n" : ""));
}
