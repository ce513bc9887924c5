using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests;

public sealed class LabelServiceTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly LogSink _log = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ChannelSink _sink = new();

    public void Dispose()
    {
        _host.Dispose();
        _log.Dispose();
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task Labels_are_published_at_start_and_when_the_host_changes(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        card.Unload();
        using var service = await StartAsync(token);
        Assert.That(await _sink.NextCountAsync(token), Is.EqualTo("0"));

        card.LoadWithoutNodes();
        await ReadAsync(service, count: 1, token);

        Assert.That(await _sink.NextCountAsync(token), Is.EqualTo("1"));
        await service.StopAsync(token);
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task What_is_published_is_looked_after_at_the_interval(CancellationToken token)
    {
        using var service = await StartAsync(token);
        await _sink.NextCountAsync(token);

        for (var second = 0; second < 59; second++)
            _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_sink.IsEmpty, Is.True);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await _sink.NextCountAsync(token), Is.EqualTo("0"));
        await service.StopAsync(token);
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_failure_is_logged_once_and_tried_again_until_it_succeeds_however_long_the_interval_is(CancellationToken token)
    {
        _sink.Failures = 3;
        using var service = await StartAsync(token, interval: TimeSpan.FromHours(1));
        await _log.WaitForAsync(entry => entry.EventName == "Failed", token);
        Assert.That(_sink.IsEmpty, Is.True);

        await AdvanceUntilPublishedAsync(token);

        Assert.That(await _sink.NextCountAsync(token), Is.EqualTo("0"));
        await service.StopAsync(token);
        Assert.That(_log.Messages(LogLevel.Error), Has.Exactly(1).Contains("disk full"));
        Assert.That(_log.Messages(LogLevel.Information), Has.Exactly(1).EqualTo("The labels of the test are up to date again"));
    }

    [TestCase(LabelPublicationState.Unknown, 1)]
    [TestCase(LabelPublicationState.Refused, 3)]
    [CancelAfter(20_000)]
    public async Task An_outage_is_logged_once_however_it_is_worded(LabelPublicationState state, int lines, CancellationToken token)
    {
        (_sink.Failures, _sink.Failure) = (3, "failure {0}");
        _sink.Publication = new LabelPublication(state);
        using var service = await StartAsync(token);

        await AdvanceUntilPublishedAsync(token);

        await service.StopAsync(token);
        Assert.That(_log.Messages(LogLevel.Error), Has.Exactly(lines).StartsWith("failure "));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task The_status_tells_the_labels_that_are_wanted_also_while_they_cannot_be_published(CancellationToken token)
    {
        _host.AddWarboy(0);
        _sink.Failures = 1;
        _sink.Publication = new LabelPublication(LabelPublicationState.Pending, "NFD has yet to read them");
        using var service = await StartAsync(token);
        await _log.WaitForAsync(entry => entry.EventName == "Failed", token);
        var status = service.Services.GetRequiredService<LabelStatus>();

        Assert.That((status.Target, status.Failure, status.SucceededAt), Is.EqualTo(("the test", "disk full", (DateTimeOffset?)null)));
        Assert.That(status.Publication, Is.EqualTo(_sink.Publication));
        Assert.That(status.Wanted?.Labels, Has.Some.EqualTo(Label.Create("beta.furiosa.ai/npu.count", "1")));

        await AdvanceUntilPublishedAsync(token);
        await _log.WaitForAsync(entry => entry.EventName == "Recovered", token);

        Assert.That((status.Failure, status.SucceededAt), Is.EqualTo(((string?)null, _time.GetUtcNow())));
        await service.StopAsync(token);
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task News_of_the_host_do_not_shorten_the_wait_after_a_failure(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        card.Unload();
        _sink.Failures = 1;
        using var service = await StartAsync(token);
        await _sink.NextFailureAsync(token);

        card.LoadWithoutNodes();
        await ReadAsync(service, count: 1, token);
        Assert.That(_sink.IsEmpty, Is.True);
        await AdvanceUntilPublishedAsync(token);

        Assert.That(await _sink.NextCountAsync(token), Is.EqualTo("1"));
        await service.StopAsync(token);
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task What_is_published_is_looked_after_each_minute_however_long_the_interval(CancellationToken token)
    {
        using var service = await StartAsync(token, interval: TimeSpan.FromHours(1));
        await _sink.NextCountAsync(token);

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(await _sink.NextCountAsync(token), Is.EqualTo("0"));
        await service.StopAsync(token);
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task The_start_waits_by_chance_where_that_is_asked_for(CancellationToken token)
    {
        using var service = await StartAsync(token, maxStartDelay: TimeSpan.FromDays(1000));
        await _log.WaitForAsync(entry => entry.EventName == "Started", token);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(_sink.IsEmpty, Is.True);
        Assert.That(await ReadinessAsync(service, token), Is.EqualTo((HealthStatus.Unhealthy, "nothing is published yet")));

        await service.StopAsync(token);
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task It_is_ready_when_it_has_published_and_not_while_it_cannot(CancellationToken token)
    {
        _sink.Failures = 1;
        using var service = await StartAsync(token);
        await _log.WaitForAsync(entry => entry.EventName == "Failed", token);
        Assert.That(await ReadinessAsync(service, token), Is.EqualTo((HealthStatus.Unhealthy, "disk full")));

        await AdvanceUntilPublishedAsync(token);
        await service.StopAsync(token);

        var (status, reason) = await ReadinessAsync(service, token);
        Assert.That(status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(reason, Does.StartWith("the test is written, as seen at 2026-01-01T00:0"));
    }

    [TestCase(LabelPublicationState.InForce, "", HealthStatus.Healthy, "the test is in force, seen at 2026-01-01T00:00:00Z")]
    [TestCase(LabelPublicationState.Pending, "a is not there", HealthStatus.Degraded, "the test is pending, seen at 2026-01-01T00:00:00Z: a is not there")]
    [TestCase(LabelPublicationState.Unknown, "who knows", HealthStatus.Degraded, "the test is unknown: who knows")]
    [TestCase(LabelPublicationState.Overridden, "a is 'x' by 'y'", HealthStatus.Unhealthy, "the test is overridden: a is 'x' by 'y'")]
    [CancelAfter(20_000)]
    public async Task Readiness_tells_how_the_labels_stand(
        LabelPublicationState state, string reason, HealthStatus status, string description, CancellationToken token)
    {
        _sink.Publication = new LabelPublication(state, reason, VerifiedAt: _time.GetUtcNow());
        using var service = await StartAsync(token);
        await _sink.NextCountAsync(token);
        await service.StopAsync(token);

        Assert.That(await ReadinessAsync(service, token), Is.EqualTo((status, description)));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task It_counts_what_it_publishes_and_tells_the_state(CancellationToken token)
    {
        var seen = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == LabelMetrics.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        IMeterFactory? meters = null;
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        _sink.Failures = 1;
        _sink.Publication = new LabelPublication(LabelPublicationState.InForce);
        using var service = await StartAsync(token);
        meters = service.Services.GetRequiredService<IMeterFactory>();
        await _log.WaitForAsync(entry => entry.EventName == "Failed", token);
        await AdvanceUntilPublishedAsync(token);
        await service.StopAsync(token);

        listener.RecordObservableInstruments();

        Assert.That(seen.Where(entry => entry.Value != 0).Select(entry => entry.Key), Is.EquivalentTo((string[])
        [
            "npu.labels.publications failed the test",
            "npu.labels.publications written the test",
            "npu.labels.last_success.time",
            "npu.labels.snapshot.generation",
            "npu.labels.state in_force",
        ]));

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            // Other tests run at the same time, each with a factory of its own.
            if (meters is null || instrument.Meter.Scope == meters)
                seen[string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => tag.Value)])] = value;
        }
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task While_the_host_cannot_be_read_its_labels_are_neither_changed_nor_renewed(CancellationToken token)
    {
        using var service = await StartAsync(token);
        await _sink.NextCountAsync(token);

        _host.Delete("/sys");
        await AdvanceUntilAsync(() => _log.Messages(LogLevel.Error).Any(), token);
        while (!_sink.IsEmpty)
            await _sink.NextCountAsync(token);

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(_sink.IsEmpty, Is.True);

        Directory.CreateDirectory(_host.At("/sys"));
        await AdvanceUntilPublishedAsync(token);
        Assert.That(await _sink.NextCountAsync(token), Is.EqualTo("0"));
        await service.StopAsync(token);
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task At_the_end_the_sink_is_told(CancellationToken token)
    {
        using var service = await StartAsync(token);
        await _sink.NextCountAsync(token);
        Assert.That(_sink.HasLeft, Is.False);

        await service.StopAsync(token);

        Assert.That(_sink.HasLeft, Is.True);
        Assert.That(_log.Entries.Where(entry => entry.Level >= LogLevel.Warning), Is.Empty);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task It_ends_in_peace_whenever_it_is_told_to(CancellationToken token)
    {
        for (var round = 0; round < 100; round++)
        {
            using var service = await StartAsync(token);
            await _sink.NextCountAsync(token);
            await service.StopAsync(token);
        }

        Assert.That(_log.Messages(LogLevel.Error).Concat(_log.Messages(LogLevel.Critical)), Is.Empty);
    }

    private Task AdvanceUntilPublishedAsync(CancellationToken token) => AdvanceUntilAsync(() => !_sink.IsEmpty, token);

    /// <summary>Moves the clock on until something is so, for which the service begins to wait at a time of its own.</summary>
    private async Task AdvanceUntilAsync(Func<bool> isSo, CancellationToken token)
    {
        while (!isSo())
        {
            token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    /// <summary>Lets the host be read once a card has come or gone.</summary>
    private async Task ReadAsync(IHost service, int count, CancellationToken token)
    {
        var settle = TimeSpan.FromMilliseconds(100);
        await _time.AdvanceUntilWaitAsync(TimeSpan.FromSeconds(1), settle, token);
        _time.Advance(settle);
        await foreach (var node in service.Services.GetRequiredService<DeviceMonitor>().WatchAsync(token))
        {
            if (node.Devices.Count == count)
                return;
        }
    }

    private static async Task<(HealthStatus, string?)> ReadinessAsync(IHost service, CancellationToken token)
    {
        var report = await service.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(token);
        return (report.Entries["labels"].Status, report.Entries["labels"].Description);
    }

    private async Task<IHost> StartAsync(
        CancellationToken token, TimeSpan? interval = null, TimeSpan maxStartDelay = default)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(_log);
        builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<ILabelSink>(_sink).AddSingleton(_host.Root);
        builder.Services.AddNpuLabels(labels => labels.MaxStartDelay = maxStartDelay);
        // A busy machine must not take a slow read for one that hangs.
        builder.Services.AddNpuDevices(devices =>
        {
            devices.ReadDeadline = TimeSpan.FromSeconds(10);
            devices.Interval = interval ?? devices.Interval;
        });
        var service = builder.Build();
        await service.StartAsync(token);
        return service;
    }

    /// <summary>Hands every published set to the test, after as many failures as are asked for.</summary>
    private sealed class ChannelSink : ILabelSink
    {
        private readonly Channel<LabelSet> _published = Channel.CreateUnbounded<LabelSet>();
        private readonly Channel<bool> _failed = Channel.CreateUnbounded<bool>();

        public int Failures { get; set; }

        public string Failure { get; set; } = "disk full";

        public LabelPublication? Publication { get; set; }

        public bool HasLeft { get; private set; }

        public bool IsEmpty => _published.Reader.Count == 0;

        public string Target => "the test";

        public ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken)
        {
            if (Failures-- > 0)
            {
                _failed.Writer.TryWrite(true);
                throw new LabelPublishException(Failure.Replace("{0}", $"{Failures}"));
            }

            _published.Writer.TryWrite(labels);
            return ValueTask.FromResult(PublishResult.Written);
        }

        public ValueTask LeaveAsync(CancellationToken cancellationToken)
        {
            HasLeft = true;
            return ValueTask.CompletedTask;
        }

        public async Task<string> NextCountAsync(CancellationToken token) =>
            (await _published.Reader.ReadAsync(token)).Labels.Single(label => label.Key.EndsWith("npu.count")).Value;

        public async Task NextFailureAsync(CancellationToken token) => await _failed.Reader.ReadAsync(token);
    }
}
