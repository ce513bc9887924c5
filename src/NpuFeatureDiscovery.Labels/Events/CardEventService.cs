using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>Follows the cards, and tells which have died, gone or come back.</summary>
internal sealed class CardEventService(DeviceMonitor monitor, NodeEventQueue queue) : BackgroundService
{
    private readonly CardHistory _history = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var reading in monitor.WatchReadingsAsync(stoppingToken))
        {
            // What could not be read says nothing new of the cards.
            if (reading.Failure is not null)
                continue;

            foreach (var happened in _history.Observe(reading.Snapshot))
                queue.Add(happened);
        }
    }
}
