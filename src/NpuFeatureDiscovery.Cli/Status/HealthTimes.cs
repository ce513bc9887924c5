using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>Remembers from when on each card is as healthy as it is.</summary>
internal sealed class HealthTimes(DeviceMonitor monitor) : BackgroundService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CardKey, Since> _cards = [];
    private long _generation;

    /// <summary>When each card of a snapshot was first seen in its state of health.</summary>
    public IReadOnlyList<DateTimeOffset> Of(NodeSnapshot node)
    {
        lock (_lock)
        {
            Note(node);
            var times = new List<DateTimeOffset>(node.Devices.Count);
            foreach (var device in node.Devices)
                times.Add(_cards.GetValueOrDefault(CardKey.Of(device))?.Time ?? node.ReadAt);

            return times;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var node in monitor.WatchAsync(stoppingToken))
        {
            lock (_lock)
                Note(node);
        }
    }

    private void Note(NodeSnapshot node)
    {
        // Who asks may be sooner or later than the watch.
        if (node.Generation <= _generation)
            return;

        _generation = node.Generation;
        var before = new Dictionary<CardKey, Since>(_cards);
        _cards.Clear();
        foreach (var device in node.Devices)
        {
            var key = CardKey.Of(device);
            _cards[key] = before.GetValueOrDefault(key) is { } since && since.State == device.Health.State
                ? since
                : new Since(device.Health.State, node.ReadAt);
        }
    }

    private sealed record Since(HealthState State, DateTimeOffset Time);

    /// <summary>Another card in the same place begins anew.</summary>
    private sealed record CardKey(NpuFamily Family, int Index, PciAddress PciAddress, string? Uuid)
    {
        public static CardKey Of(NpuDevice device) => new(device.Family, device.Index, device.PciAddress, device.Uuid);
    }
}
