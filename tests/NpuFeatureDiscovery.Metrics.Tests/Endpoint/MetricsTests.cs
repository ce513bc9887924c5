using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

/// <summary>What <c>/metrics</c> answers.</summary>
[CancelAfter(60_000)]
public sealed class MetricsTests
{
    [Test]
    public async Task Instruments_process_build_and_sources_are_shown_together(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token, services => services.AddSingleton<IMetricSource>(Source("mine", 7)));
        using var meter = endpoint.Get<IMeterFactory>().Create("NpuFeatureDiscovery.Test");
        meter.CreateCounter<int>("npu.calls", "{call}", "Calls.").Add(3, new KeyValuePair<string, object?>("method", "Allocate"));

        var (status, text) = await endpoint.GetAsync("/metrics", token);

        Assert.That(status, Is.EqualTo(200));
        Assert.That(text.Split('\n').Where(line => line.StartsWith("# TYPE ")), Is.EqualTo((string[])
        [
            "# TYPE mine gauge",
            "# TYPE npu_calls_total counter",
            "# TYPE npu_feature_discovery_build_info gauge",
            "# TYPE npu_feature_discovery_scrape_collector_duration_seconds gauge",
            "# TYPE npu_feature_discovery_scrape_collector_errors_total counter",
            "# TYPE npu_feature_discovery_scrape_collector_success gauge",
            "# TYPE npu_feature_discovery_scrape_dropped_series_total counter",
            "# TYPE process_cpu_seconds_total counter",
            "# TYPE process_open_fds gauge",
            "# TYPE process_resident_memory_bytes gauge",
            "# TYPE process_start_time_seconds gauge",
        ]));
        Assert.That(text, Does.Contain("npu_calls_total{method=\"Allocate\"} 3\n").And.Contain("mine 7\n"));
    }

    [TestCase(null, "text/plain; version=0.0.4; charset=utf-8")]
    [TestCase(
        "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text; version=1.0.0; charset=utf-8")]
    public async Task The_format_is_negotiated(string? accept, string contentType, CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await endpoint.Client.SendAsync(request, token);

        Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo(contentType));
        Assert.That((await response.Content.ReadAsStringAsync(token)).EndsWith("# EOF\n"), Is.EqualTo(accept is not null));
    }

    [Test]
    public async Task A_source_that_fails_is_left_out_and_logged_once(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token, services => services
            .AddSingleton<IMetricSource>(new FakeSource("failing", _ => throw new IOException("no such device")))
            .AddSingleton<IMetricSource>(Source("mine", 7)));

        await endpoint.GetAsync("/metrics", token);
        var (status, text) = await endpoint.GetAsync("/metrics", token);

        Assert.That(status, Is.EqualTo(200));
        Assert.That(text, Does.Contain("mine 7\n").And.Contain("process_open_fds"));
        Assert.That(endpoint.Log.Messages(LogLevel.Warning),
            Is.EqualTo((string[])["The metrics of collector 'failing' are left out: no such device"]));
        Assert.That(text, Does.Contain("npu_feature_discovery_scrape_collector_success{collector=\"failing\"} 0\n")
            .And.Contain("npu_feature_discovery_scrape_collector_errors_total{collector=\"failing\"} 2\n")
            .And.Contain("npu_feature_discovery_scrape_collector_success{collector=\"mine\"} 1\n")
            .And.Contain("npu_feature_discovery_scrape_collector_errors_total{collector=\"mine\"} 0\n"));
    }

    [Test]
    public async Task A_source_that_hangs_is_left_out_after_its_deadline(CancellationToken token)
    {
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = new TaskCompletionSource<IReadOnlyCollection<MetricFamily>>();
        using var endpoint = await EndpointHost.StartAsync(token, services => services
            .AddSingleton<IMetricSource>(new FakeSource("hanging", _ =>
            {
                called.SetResult();
                return new(end.Task);
            })), TimeProvider.System);
        var answer = endpoint.GetAsync("/metrics", token);
        await called.Task.WaitAsync(token);

        // In earnest: by a clock that is advanced the quick ones, too, could be found late.
        Assert.That((await answer).Text, Does.Contain("npu_feature_discovery_build_info"));
        Assert.That(endpoint.Log.Messages(LogLevel.Warning),
            Has.Member("The metrics of collector 'hanging' are left out: it took longer than 2.5 s"));
    }

    [Test]
    public async Task Of_two_metrics_that_take_one_name_the_first_is_shown(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token, services => services
            .AddSingleton<IMetricSource>(Source("mine", 7)).AddSingleton<IMetricSource>(Source("mine", 8, "other"))
            .AddSingleton<IMetricSource>(Source("npu_feature_discovery_scrape_collector_success", 9)));

        await endpoint.GetAsync("/metrics", token);
        var (_, text) = await endpoint.GetAsync("/metrics", token);

        Assert.That(text, Does.Contain("mine 7\n").And.Not.Contain("mine 8\n").And.Not.Contain("success 9\n"));
        Assert.That(endpoint.Log.Messages(LogLevel.Warning), Has.Exactly(1).Contain("Metric 'mine' is left out"));
    }

    [Test]
    public async Task Many_scrapes_at_once_are_all_answered(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => endpoint.GetAsync("/metrics", token)));

        Assert.That(answers.Select(answer => answer.Status), Is.All.EqualTo(200));
        Assert.That(answers.Select(answer => answer.Text), Is.All.Contains("process_cpu_seconds_total"));
    }

    [Test]
    public async Task Two_sources_of_one_name_are_refused_at_the_start(CancellationToken token) =>
        await Assert.ThatAsync(
            () => EndpointHost.StartAsync(token, services => services
                .AddSingleton<IMetricSource>(Source("mine", 7)).AddSingleton<IMetricSource>(Source("other", 8, "mine"))),
            Throws.ArgumentException.With.Message.StartsWith("2 sources of metrics have the name 'mine': give each another one."));

    private static FakeSource Source(string metric, double value, string? name = null) => new(name ?? metric, _ =>
        ValueTask.FromResult<IReadOnlyCollection<MetricFamily>>([MetricFamily.Gauge(metric, "Mine.", [new(value)])]));

    private sealed class FakeSource(
        string name, Func<CancellationToken, ValueTask<IReadOnlyCollection<MetricFamily>>> collect) : IMetricSource
    {
        public string Name => name;

        public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            collect(cancellationToken);
    }
}
