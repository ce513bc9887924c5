using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>The configuration that applies now, for the parts and for the monitor that they share.</summary>
internal sealed class CurrentAgentConfiguration
{
    private readonly LatestFeed<AgentConfiguration> _feed = new();
    private readonly OptionsChangeSignal<DeviceMonitorOptions> _monitor;

    public CurrentAgentConfiguration(AgentConfiguration initial, OptionsChangeSignal<DeviceMonitorOptions> monitor)
    {
        _monitor = monitor;
        _feed.Publish(initial);
    }

    public AgentConfiguration Value => _feed.Latest!;

    /// <summary>The configuration, and each that differs from then on.</summary>
    public IAsyncEnumerable<AgentConfiguration> WatchAsync(CancellationToken cancellationToken) => _feed.WatchAsync(cancellationToken);

    public void Set(AgentConfiguration configuration)
    {
        var before = Value;
        _feed.Publish(configuration);
        if (configuration.Interval != before.Interval || configuration.HealthInterval != before.HealthInterval)
            _monitor.Raise();
    }

    public void Apply(DeviceMonitorOptions options) => (options.Interval, options.HealthInterval) = (Value.Interval, Value.HealthInterval);
}
