using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Meters;
using NpuFeatureDiscovery.Metrics.Tests.Exposition;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Meters;

public sealed class MeterSourceTests : IDisposable
{
    private readonly LogSink _log = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    // Whoever listens for a meter of no factory hears those of all tests.
    private readonly string _shared = $"Shared.{Guid.NewGuid()}";
    private readonly MeterSource _source;
    private readonly Meter _meter;

    public MeterSourceTests()
    {
        var factory = _services.GetRequiredService<IMeterFactory>();
        _source = new MeterSource(["Test.*", _shared], factory, _log.CreateLogger<MeterSource>());
        _meter = factory.Create("Test.Meter");
    }

    public void Dispose()
    {
        _source.Dispose();
        _services.Dispose();
        _log.Dispose();
    }

    [Test]
    public void A_counter_adds_up_by_its_tags_in_whatever_order_they_are_given()
    {
        var calls = _meter.CreateCounter<long>("calls", "{call}", "Calls.");
        calls.Add(1);
        calls.Add(2, new("a", 1), new("b", true));
        calls.Add(3, new("b", true), new("a", 1));
        calls.Add(-1);

        Assert.That(Text(), Is.EqualTo("""
            # HELP calls_total Calls.
            # TYPE calls_total counter
            calls_total 1
            calls_total{a="1",b="true"} 5

            """));
    }

    [Test]
    public void Gauges_show_their_last_value_and_an_up_down_counter_its_sum()
    {
        var level = _meter.CreateGauge<double>("level", "By");
        level.Record(1);
        level.Record(0.5);
        var queued = _meter.CreateUpDownCounter<int>("queued");
        queued.Add(5);
        queued.Add(-2);

        Assert.That(Text(), Is.EqualTo("# TYPE level_bytes gauge\nlevel_bytes 0.5\n# TYPE queued gauge\nqueued 3\n"));
    }

    [Test]
    public void Observable_instruments_are_asked_at_every_scrape_and_show_nothing_else()
    {
        var devices = new List<string> { "npu0", "npu1" };
        _meter.CreateObservableGauge("temperature", () => devices.Select(
            device => new Measurement<int>(40, new KeyValuePair<string, object?>("device", device))));
        _meter.CreateObservableCounter("reads", () => 10 + devices.Count);
        Assert.That(Text(), Is.EqualTo("""
            # TYPE reads_total counter
            reads_total 12
            # TYPE temperature gauge
            temperature{device="npu0"} 40
            temperature{device="npu1"} 40

            """));

        devices.Remove("npu0");

        Assert.That(Text(), Is.EqualTo("""
            # TYPE reads_total counter
            reads_total 11
            # TYPE temperature gauge
            temperature{device="npu1"} 40

            """));
    }

    [Test]
    public void An_observable_instrument_that_fails_is_left_out_and_logged()
    {
        _meter.CreateObservableGauge("bad", int () => throw new IOException("no such file"));
        _meter.CreateObservableGauge("good", () => 1);

        Assert.That(Text(), Is.EqualTo("# TYPE good gauge\ngood 1\n"));
        Assert.That(_log.Messages(LogLevel.Warning), Has.Exactly(1).Items);
    }

    [Test]
    public void A_histogram_has_the_buckets_of_its_advice()
    {
        var sizes = _meter.CreateHistogram(
            "size", "By", "Sizes.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 1024] });
        foreach (var size in (long[])[0, 1, 2, 1024, 1025])
            sizes.Record(size, new KeyValuePair<string, object?>("le", "x"));

        Assert.That(Text(), Is.EqualTo("""
            # HELP size_bytes Sizes.
            # TYPE size_bytes histogram
            size_bytes_bucket{_le="x",le="1"} 2
            size_bytes_bucket{_le="x",le="1024"} 4
            size_bytes_bucket{_le="x",le="+Inf"} 5
            size_bytes_count{_le="x"} 5
            size_bytes_sum{_le="x"} 2052

            """));
    }

    [Test]
    public void A_histogram_of_seconds_has_buckets_from_5_ms_to_10_s()
    {
        _meter.CreateHistogram<double>("took", "s").Record(11);
        _meter.CreateHistogram<int>("other").Record(3);

        var histograms = _source.Collect().ToDictionary(family => family.Name, family => family.Histograms.Single());

        Assert.That(histograms["took_seconds"].Bounds, Has.Count.EqualTo(11).And.Contain(0.005).And.Contain(10));
        Assert.That(histograms["took_seconds"].Counts[^1], Is.EqualTo(1));
        Assert.That(histograms["other"].Bounds, Has.Count.EqualTo(15));
    }

    [Test]
    public void What_is_no_number_is_not_added_up()
    {
        var took = _meter.CreateHistogram<double>("took", "s");
        took.Record(1);
        took.Record(double.NaN);
        var spent = _meter.CreateCounter<double>("spent", "s");
        spent.Add(1);
        spent.Add(double.NaN);

        var families = _source.Collect().ToDictionary(family => family.Name);

        Assert.That(families["took_seconds"].Histograms.Single().Sum, Is.EqualTo(1));
        Assert.That(families["spent_seconds_total"].Samples.Single().Value, Is.EqualTo(1));
    }

    [Test]
    public void Measurements_of_every_number_type_are_taken()
    {
        _meter.CreateCounter<byte>("a").Add(1);
        _meter.CreateCounter<short>("b").Add(2);
        _meter.CreateCounter<int>("c").Add(3);
        _meter.CreateCounter<long>("d").Add(4);
        _meter.CreateCounter<float>("e").Add(0.5f);
        _meter.CreateCounter<double>("f").Add(0.1);
        _meter.CreateCounter<decimal>("g").Add(0.2m);

        Assert.That(_source.Collect().Select(family => family.Samples.Single().Value).Order(),
            Is.EqualTo((double[])[0.1, 0.2, 0.5, 1, 2, 3, 4]));
    }

    [Test]
    public void Other_meters_and_those_of_other_hosts_are_not_shown()
    {
        using var others = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var shared = new Meter(_shared);
        _services.GetRequiredService<IMeterFactory>().Create("Tests").CreateCounter<int>("other_meter").Add(1);
        others.GetRequiredService<IMeterFactory>().Create("Test.Meter").CreateCounter<int>("other_host").Add(1);
        shared.CreateCounter<int>("without_factory").Add(1);

        Assert.That(_source.Collect().Select(family => family.Name), Is.EqualTo((string[])["without_factory_total"]));
    }

    [Test]
    public void A_meter_that_is_made_anew_goes_on_counting()
    {
        for (var round = 0; round < 3; round++)
        {
            using var meter = new Meter(_shared);
            meter.CreateCounter<int>("rounds").Add(1);
        }

        Assert.That(_source.Collect().Single(family => family.Name == "rounds_total").Samples.Single().Value, Is.EqualTo(3));
    }

    [Test]
    public void An_instrument_of_another_kind_with_the_same_name_is_left_out_and_logged()
    {
        _meter.CreateGauge<int>("a.b").Record(1);
        _meter.CreateUpDownCounter<int>("a_b").Add(7);

        Assert.That(Text(), Is.EqualTo("# TYPE a_b gauge\na_b 1\n"));
        Assert.That(_log.Messages(LogLevel.Warning), Has.Exactly(1).Contain("'a_b' of meter 'Test.Meter'"));
    }

    [Test]
    public void Tags_that_become_one_label_do_no_harm()
    {
        _meter.CreateCounter<int>("a").Add(1, new("x.y", 1), new("x_y", 2), new("", null), new("z", null));

        Assert.That(Text(), Does.Contain("a_total{x_y=\"1\"} 1\n"));
    }

    [Test]
    [CancelAfter(60_000)]
    public void No_measurement_is_lost_among_many_threads(CancellationToken token)
    {
        const int Rounds = 100_000;
        var calls = _meter.CreateCounter<int>("calls");
        var took = _meter.CreateHistogram<double>("took", "s");

        Parallel.For(0, Rounds, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = token }, round =>
        {
            calls.Add(1, new KeyValuePair<string, object?>("method", round % 2 == 0 ? "a" : "b"));
            took.Record(round % 20);
            if (round % 1000 == 0)
                _source.Collect();
        });

        var families = _source.Collect().ToDictionary(family => family.Name);
        Assert.That(families["calls_total"].Samples.Select(sample => sample.Value), Is.All.EqualTo(Rounds / 2).And.Exactly(2).Items);
        Assert.That(families["took_seconds"].Histograms.Single().Counts.Sum(), Is.EqualTo(Rounds));
        Assert.That(families["took_seconds"].Histograms.Single().Sum, Is.EqualTo(Rounds / 20 * 190));
    }

    [Test]
    public void A_measurement_allocates_nothing_once_its_tags_are_known()
    {
        var calls = _meter.CreateCounter<int>("calls");
        var took = _meter.CreateHistogram<double>("took", "s");
        var tags = new KeyValuePair<string, object?>("method", "Allocate");
        Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var round = 0; round < 1_000; round++)
            Measure();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Measure()
        {
            calls.Add(1, tags);
            took.Record(0.5, tags);
        }
    }

    private string Text() => MetricsFormat.PrometheusText.Print(_source.Collect());
}
