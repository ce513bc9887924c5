using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Tests.Exposition;

public sealed class MetricFamilyTests
{
    [TestCase("")]
    [TestCase("1a")]
    [TestCase("a-b")]
    [TestCase("a b")]
    [TestCase("a\n")]
    [TestCase("a:b")]
    [TestCase("é")]
    public void An_illegal_name_is_refused(string name) =>
        Assert.That(() => MetricFamily.Gauge(name, "", []),
            Throws.ArgumentException.With.Message.StartWith($"Metric name '{name}' is invalid"));

    [TestCase("")]
    [TestCase("1a")]
    [TestCase("a-b")]
    [TestCase("a:b")]
    [TestCase("a\n")]
    [TestCase("__a")]
    [TestCase("é")]
    public void An_illegal_label_is_refused(string name) =>
        Assert.That(() => new MetricLabels((name, "1")),
            Throws.ArgumentException.With.Message.StartWith($"Label name '{name}' is invalid"));

    [Test]
    public void A_label_is_given_once() =>
        Assert.That(() => new MetricLabels(("a", "1"), ("b", "2"), ("a", "1")),
            Throws.ArgumentException.With.Message.Contain("'a' is given twice"));

    [Test]
    public void Labels_are_equal_in_whatever_order_they_are_given()
    {
        var labels = new MetricLabels(("b", "2"), ("a", "1"));

        Assert.That(labels, Is.EqualTo(new MetricLabels(("a", "1"), ("b", "2"))));
        Assert.That(labels.GetHashCode(), Is.EqualTo(new MetricLabels(("a", "1"), ("b", "2")).GetHashCode()));
        Assert.That(labels, Is.Not.EqualTo(new MetricLabels(("a", "1"), ("b", "3"))));
        Assert.That(labels.ToString(), Is.EqualTo("a=\"1\",b=\"2\""));
    }

    [Test]
    public void A_label_without_a_value_is_none() =>
        Assert.That(new MetricLabels(("a", "")), Is.EqualTo(MetricLabels.None));

    [TestCase("calls")]
    [TestCase("_total")]
    public void The_name_of_a_counter_ends_in_total(string name) =>
        Assert.That(() => MetricFamily.Counter(name, "", []), Throws.ArgumentException.With.Message.Contain("ends in '_total'"));

    [TestCase(-1)]
    [TestCase(double.NaN)]
    public void A_counter_below_zero_is_refused(double value) =>
        Assert.That(() => MetricFamily.Counter("a_total", "", [new(value)]), Throws.ArgumentException.With.Message.Contain($"'{value}'"));

    [Test]
    public void The_name_of_an_info_ends_in_info() =>
        Assert.That(() => MetricFamily.Info("build", ""), Throws.ArgumentException.With.Message.Contain("ends in '_info'"));

    [Test]
    public void Two_samples_with_equal_labels_are_refused() =>
        Assert.That(() => MetricFamily.Gauge("a", "", [new(1, ("b", "1")), new(2, ("b", "1"))]),
            Throws.ArgumentException.With.Message.EqualTo("Metric 'a' has two samples with the labels {b=\"1\"}: it may have one."));

    [Test]
    public void Samples_stand_in_the_order_of_their_labels()
    {
        var gauge = MetricFamily.Gauge("a", "",
            [new(4, ("a", "2")), new(3, ("a", "1"), ("b", "1")), new(1), new(2, ("a", "1")), new(5, ("b", "0"))]);

        Assert.That(gauge.Samples.Select(sample => sample.Value), Is.Ordered.And.Exactly(5).Items);
    }

    [TestCase(new[] { 1.0, 1.0 }, new long[] { 0, 0, 0 })]
    [TestCase(new[] { 2.0, 1.0 }, new long[] { 0, 0, 0 })]
    [TestCase(new[] { double.NaN }, new long[] { 0, 0 })]
    [TestCase(new[] { double.PositiveInfinity }, new long[] { 0, 0 })]
    [TestCase(new[] { 1.0 }, new long[] { 0 })]
    [TestCase(new[] { 1.0 }, new long[] { 0, -1 })]
    public void A_histogram_that_cannot_be_is_refused(double[] bounds, long[] counts) =>
        Assert.That(() => new HistogramSample(MetricLabels.None, bounds, counts, 0), Throws.ArgumentException);

    [Test]
    public void The_label_of_the_buckets_is_refused_in_a_histogram() =>
        Assert.That(() => new HistogramSample(new MetricLabels(("le", "1")), [], [0], 0), Throws.ArgumentException);
}
