using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>
/// Samples the performance counters of Warboy cards once a second, where that is asked for: at a scrape it would be too seldom, since
/// the counters go round. RNGD has none.
/// </summary>
internal sealed class LoadSampler(DeviceMonitor monitor, HostRoot root, NpuMetricsOptions options, TimeProvider timeProvider)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Apart from the scrapes' timeout, which may be longer: with it the samples of the other cards would be too far apart.
    /// </summary>
    private static readonly TimeSpan CardTimeout = TimeSpan.FromSeconds(1);

    private readonly SensorReader _sensors = new(root, timeProvider, CardTimeout);
    private readonly Lock _lock = new();
    private readonly long _startedAt = timeProvider.GetTimestamp();
    private Dictionary<CardKey, CardLoad> _cards = [];

    /// <summary>The load of the card's cores now: nothing where it is not known, also of a card that does not work.</summary>
    public IReadOnlyList<CoreLoad> Of(NpuDevice device)
    {
        if (device.Health.State != HealthState.Healthy)
            return [];

        lock (_lock)
            return _cards.GetValueOrDefault(CardKey.Of(device))?.At(Now) ?? [];
    }

    public override void Dispose()
    {
        base.Dispose();
        _sensors.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Utilization)
            return;

        using var timer = new PeriodicTimer(Period, timeProvider);
        do
            Sample();
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private TimeSpan Now => timeProvider.GetElapsedTime(_startedAt);

    /// <summary>Takes one sample of each card.</summary>
    internal void Sample()
    {
        var devices = monitor.Latest?.Devices.Where(device => device.Family == NpuFamily.Warboy).ToArray() ?? [];
        var now = Now;
        var samples = _sensors.ReadCounters(devices);
        lock (_lock)
        {
            // Nothing stays of cards that are gone.
            var cards = new Dictionary<CardKey, CardLoad>(samples.Count);
            foreach (var sample in samples)
            {
                var key = CardKey.Of(sample.Device);
                var card = _cards.GetValueOrDefault(key) ?? new CardLoad();
                card.Add(now, sample);
                cards.Add(key, card);
            }

            _cards = cards;
        }
    }

    /// <summary>Another card in the same place begins anew.</summary>
    private readonly record struct CardKey(int Index, PciAddress PciAddress, string? Uuid)
    {
        public static CardKey Of(NpuDevice device) => new(device.Index, device.PciAddress, device.Uuid);
    }
}
