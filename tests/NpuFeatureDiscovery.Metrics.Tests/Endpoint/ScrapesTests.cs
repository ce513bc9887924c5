using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Metrics.Endpoint;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

[CancelAfter(60_000)]
public sealed class ScrapesTests
{
    private readonly FakeSource _source = new();
    private readonly ManualTimeProvider _time = new();

    [Test]
    public async Task Scrapes_at_the_same_time_share_one_text(CancellationToken token)
    {
        var scrapes = NewScrapes();
        var (first, second) = (TakeAsync(scrapes, token), TakeAsync(scrapes, token));

        _source.Answer(10);

        Assert.That(await first, Is.Not.Null.And.SameAs(await second));
    }

    [Test]
    public async Task Texts_that_clients_still_get_are_few(CancellationToken token)
    {
        var scrapes = NewScrapes();
        _source.Answer(9 << 20);
        var first = await TakeAsync(scrapes, token);

        Assert.That((first, await TakeAsync(scrapes, token)), Is.EqualTo((first, (Scrape?)null)));
        scrapes.GiveBack(first!);
        Assert.That(await TakeAsync(scrapes, token), Is.Not.Null.And.Not.SameAs(first));
    }

    [Test]
    public async Task One_text_is_given_whatever_its_length(CancellationToken token)
    {
        _source.Answer(20 << 20);

        Assert.That(await TakeAsync(NewScrapes(), token), Is.Not.Null);
    }

    private Scrapes NewScrapes()
    {
        var options = Options.Create(new EndpointOptions());
        return new Scrapes(new MetricsReader([_source], options, _time, NullLogger<MetricsReader>.Instance), options, _time);
    }

    private static Task<Scrape?> TakeAsync(Scrapes scrapes, CancellationToken token) =>
        scrapes.TakeAsync(MetricsFormat.PrometheusText, gzip: false, token);

    private sealed class FakeSource : IMetricSource
    {
        private readonly TaskCompletionSource<IReadOnlyCollection<MetricFamily>> _families = new();

        public string Name => "fake";

        public void Answer(int length) => _families.SetResult([MetricFamily.Gauge("a", "", [new(1, ("text", new string('x', length)))])]);

        public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken) => new(_families.Task);
    }
}
