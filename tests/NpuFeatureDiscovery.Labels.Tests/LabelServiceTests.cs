using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
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
        _time.Advance(TimeSpan.FromSeconds(1));

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
    public async Task A_failure_is_logged_once_and_tried_again_at_the_next_interval_and_so_is_its_end(CancellationToken token)
    {
        _sink.Failures = 2;
        using var service = await StartAsync(token);
        await _sink.NextFailureAsync(token);
        _time.Advance(TimeSpan.FromSeconds(60));
        await _sink.NextFailureAsync(token);
        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.That(await _sink.NextCountAsync(token), Is.EqualTo("0"));
        await service.StopAsync(token);
        Assert.That(_log.Messages(LogLevel.Error), Has.Exactly(1).Contains("disk full"));
        Assert.That(_log.Messages(LogLevel.Information), Has.Exactly(1).EqualTo("The labels of the test are up to date again"));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task While_the_host_cannot_be_read_its_labels_are_neither_changed_nor_renewed(CancellationToken token)
    {
        using var service = await StartAsync(token);
        await _sink.NextCountAsync(token);

        _host.Delete("/sys");
        _time.Advance(TimeSpan.FromSeconds(60));
        await _log.WaitForAsync(entry => entry.Level == LogLevel.Error, token);
        while (!_sink.IsEmpty)
            await _sink.NextCountAsync(token);

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(_sink.IsEmpty, Is.True);

        Directory.CreateDirectory(_host.At("/sys"));
        _time.Advance(TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(60));
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

    private async Task<IHost> StartAsync(CancellationToken token)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(_log);
        builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<ILabelSink>(_sink).AddSingleton(_host.Root);
        builder.Services.AddNpuLabels();
        // A busy machine must not take a slow read for one that hangs.
        builder.Services.AddNpuDevices(devices => devices.ReadDeadline = TimeSpan.FromSeconds(10));
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

        public bool HasLeft { get; private set; }

        public bool IsEmpty => _published.Reader.Count == 0;

        public string Target => "the test";

        public ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken)
        {
            if (Failures-- > 0)
            {
                _failed.Writer.TryWrite(true);
                throw new LabelPublishException("disk full");
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
