using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Metrics.Endpoint;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Processes;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

/// <summary>What a scrape reads, and what it tells of itself.</summary>
[CancelAfter(60_000)]
public sealed class MetricsReaderTests : IDisposable
{
    private const string Dropped = "npu_feature_discovery_scrape_dropped_series_total";

    private readonly ManualTimeProvider _time = new();
    private readonly LogSink _log = new();

    public void Dispose() => _log.Dispose();

    [Test]
    public async Task A_hundred_scrapes_at_once_share_one_reading(CancellationToken token)
    {
        var end = new TaskCompletionSource<IReadOnlyCollection<MetricFamily>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var readings = 0;
        var reader = NewReader(new Source("slow", () =>
        {
            Interlocked.Increment(ref readings);
            return end.Task;
        }));

        var scrapes = Enumerable.Range(0, 100).Select(_ => reader.ReadAsync(token)).ToArray();
        end.SetResult([Gauge("mine", 1)]);

        Assert.That((await Task.WhenAll(scrapes)).Select(families => Names(families)), Is.All.Contains("mine"));
        Assert.That(readings, Is.EqualTo(1));
    }

    [Test]
    public async Task How_long_a_collector_takes_is_shown(CancellationToken token)
    {
        var reader = NewReader(new Source("slow", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1.5));
            return Task.FromResult<IReadOnlyCollection<MetricFamily>>([]);
        }));

        var families = await reader.ReadAsync(token);

        Assert.That(Values(families, "npu_feature_discovery_scrape_collector_duration_seconds"),
            Is.EqualTo((string[])["collector=\"slow\" 1.5"]));
    }

    [Test]
    public async Task Sources_that_hang_all_cost_a_scrape_one_deadline(CancellationToken token)
    {
        var never = new TaskCompletionSource<IReadOnlyCollection<MetricFamily>>();
        var reader = NewReader(new Source("pods", () => never.Task), new Source("npu", () => never.Task));
        var scrape = reader.ReadAsync(token);

        _time.Advance(new EndpointOptions().CollectDeadline);

        var families = await scrape;
        Assert.That(new EndpointOptions().CollectDeadline, Is.LessThan(TimeSpan.FromSeconds(3)));
        Assert.That(Values(families, "npu_feature_discovery_scrape_collector_success"),
            Is.EqualTo((string[])["collector=\"npu\" 0", "collector=\"pods\" 0"]));
        Assert.That(Values(await reader.ReadAsync(token), "npu_feature_discovery_scrape_collector_errors_total"),
            Is.EqualTo((string[])["collector=\"npu\" 2", "collector=\"pods\" 2"]), "at once, while they still hang");
    }

    [Test]
    public async Task A_metric_that_does_not_fit_is_left_out_whole_and_what_fits_behind_it_is_shown(CancellationToken token)
    {
        // 1 of the build, 2 x 3 + 1 of the scrape.
        var reader = NewReader(maxSeries: 8 + 10, new BuildSource(), Source.Of("npu", Gauge("a", 6), Gauge("b", 5), Gauge("c", 4)));

        var first = await reader.ReadAsync(token);
        var second = await reader.ReadAsync(token);

        Assert.That(Names(first).Where(name => name.Length == 1), Is.EqualTo((string[])["a", "c"]));
        Assert.That(first.Sum(family => family.SeriesCount), Is.EqualTo(18));
        Assert.That((Values(first, Dropped), Values(second, Dropped)), Is.EqualTo(((string[])[" 5"], (string[])[" 10"])));
        Assert.That(_log.Messages(LogLevel.Warning), Is.EqualTo((string[])
        [
            "Metric 'b' is left out: with its 5 series the scrape would have more than 18. Raise the limit, or show less",
        ]));
    }

    [Test]
    public async Task What_tells_of_the_program_is_shown_though_nothing_else_fits(CancellationToken token)
    {
        var reader = NewReader(maxSeries: 1, new ProcessSource(), new BuildSource(), Source.Of("npu", Gauge("a", 1)));

        var families = await reader.ReadAsync(token);

        Assert.That(Names(families), Does.Contain("npu_feature_discovery_build_info").And.Contain("process_open_fds")
            .And.Contain("npu_feature_discovery_scrape_collector_success").And.Not.Contain("a"));
        Assert.That(Values(families, Dropped), Is.EqualTo((string[])[" 1"]));
    }

    [Test]
    public async Task A_histogram_counts_with_each_of_its_buckets(CancellationToken token)
    {
        // 2 buckets, count and sum beside the 4 of the scrape.
        var histogram = MetricFamily.Histogram("h", "", [new(MetricLabels.None, [1], [1, 2], 3)]);

        Assert.That(Names(await NewReader(maxSeries: 7, Source.Of("npu", histogram)).ReadAsync(token)), Does.Not.Contain("h"));
        Assert.That(Names(await NewReader(maxSeries: 8, Source.Of("npu", histogram)).ReadAsync(token)), Does.Contain("h"));
    }

    private MetricsReader NewReader(params IMetricSource[] sources) => NewReader(new EndpointOptions().MaxSeries, sources);

    private MetricsReader NewReader(int maxSeries, params IMetricSource[] sources) => new(
        sources, Options.Create(new EndpointOptions { MaxSeries = maxSeries }), _time, _log.CreateLogger<MetricsReader>());

    private static MetricFamily Gauge(string name, int series) => MetricFamily.Gauge(
        name, "", Enumerable.Range(0, series).Select(index => new MetricSample(index, ("index", $"{index}"))));

    private static IEnumerable<string> Names(IEnumerable<MetricFamily> families) => families.Select(family => family.Name);

    private static string[] Values(IEnumerable<MetricFamily> families, string name) =>
        [.. families.Single(family => family.Name == name).Samples.Select(sample => $"{sample.Labels} {sample.Value}")];

    private sealed class Source(string name, Func<Task<IReadOnlyCollection<MetricFamily>>> collect) : IMetricSource
    {
        public string Name => name;

        public static Source Of(string name, params MetricFamily[] families) =>
            new(name, () => Task.FromResult<IReadOnlyCollection<MetricFamily>>(families));

        public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken) => new(collect());
    }
}
