using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Npus;

[CancelAfter(60_000)]
public sealed class LoadSamplerTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly ManualTimeProvider _time = new();
    private readonly NpuMetricsOptions _options = new() { Utilization = true };
    private readonly DeviceMonitor _monitor;
    private readonly LoadSampler _sampler;
    private ulong _cycles;
    private uint _task;

    public LoadSamplerTests()
    {
        _monitor = new DeviceMonitor(
            _host.Root, new SettableOptions<DeviceMonitorOptions>(new DeviceMonitorOptions()), _time, NullLogger<DeviceMonitor>.Instance);
        _sampler = new LoadSampler(_monitor, _host.Root, _options, _time);
    }

    public void Dispose()
    {
        _sampler.Dispose();
        _monitor.Dispose();
        _host.Dispose();
    }

    [Test]
    public async Task It_samples_once_a_second(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        var device = (await DevicesAsync(token))[0];
        await _sampler.StartAsync(token);

        await UntilAsync(
            () =>
            {
                Run(card, 0.5);
                _time.Advance(TimeSpan.FromSeconds(1));
                return _sampler.Of(device).Count > 0;
            },
            token);
        await _sampler.StopAsync(token);

        Assert.That(_sampler.Of(device).Select(load => load.Core), Is.EqualTo([0, 1]));
    }

    [Test]
    public async Task Without_being_asked_for_it_reads_nothing(CancellationToken token)
    {
        _options.Utilization = false;
        _host.AddWarboy(0);
        await DevicesAsync(token);

        await _sampler.StartAsync(token);

        await _sampler.ExecuteTask!.WaitAsync(token);
    }

    [Test]
    public async Task A_card_that_hangs_shows_nothing_and_costs_no_other_card_its_samples(CancellationToken token)
    {
        var hung = _host.AddWarboy(0);
        var other = _host.AddWarboy(1);
        var devices = await DevicesAsync(token);
        await UntilAsync(
            () =>
            {
                Sample(hung, other);
                return _sampler.Of(devices[0]).Count > 0;
            },
            token);
        _host.MakeHang(hung.CountersOf("0-1"));

        await UntilAsync(
            () =>
            {
                Sample(other);
                return _sampler.Of(devices[1]) is [{ Utilization: > 0 }, ..];
            },
            token);

        Assert.That(_sampler.Of(devices[0]), Is.Empty);
        _host.EndHang(hung.CountersOf("0-1"), Counters());
        await UntilAsync(
            () =>
            {
                Sample(hung, other);
                return _sampler.Of(devices[0]).Count > 0;
            },
            token);
    }

    [Test]
    public async Task A_card_that_died_shows_nothing(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        var device = (await DevicesAsync(token))[0];
        await UntilAsync(
            () =>
            {
                Sample(card);
                return _sampler.Of(device).Count > 0;
            },
            token);

        Assert.That(_sampler.Of(device with { Health = new DeviceHealth(HealthState.Unhealthy, "alive is 0") }), Is.Empty);
    }

    [Test]
    public async Task An_RNGD_has_no_counters_to_sample(CancellationToken token)
    {
        _host.AddRngd(0);
        var device = (await DevicesAsync(token))[0];

        Sample();
        Sample();

        Assert.That(_sampler.Of(device), Is.Empty);
    }

    private async Task<EquatableArray<NpuDevice>> DevicesAsync(CancellationToken token)
    {
        await _monitor.StartAsync(token);
        await foreach (var node in _monitor.WatchAsync(token))
            return node.Devices;

        throw new InvalidOperationException("The monitor ended.");
    }

    /// <summary>A second passes in which cards are busy for half the time, and a sample is taken.</summary>
    private void Sample(params CardTree[] cards)
    {
        foreach (var card in cards)
            Run(card, 0.5);

        _time.Advance(TimeSpan.FromSeconds(1));
        _sampler.Sample();
    }

    private void Run(CardTree card, double utilization)
    {
        _cycles += 1_000_000_000;
        _task = unchecked(_task + (uint)(utilization * 1_000_000_000));
        foreach (var cores in (string[])["0", "1", "0-1"])
            card.AddCounters(cores, Counters());
    }

    private string Counters() =>
        $"TaskExecutionTime: 0x{_task:x}\nTensorExecutionTime: 0x0\nCycleCount: 0x{(uint)_cycles:x}\nCycleCountHigh: 0x{_cycles >> 32:x}\n";

    private static async Task UntilAsync(Func<bool> condition, CancellationToken token)
    {
        while (!condition())
        {
            token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
