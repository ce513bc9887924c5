using Microsoft.Extensions.DependencyInjection;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>What runs in the agent now.</summary>
internal sealed class AgentState(DeviceMonitor monitor)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (PartState State, IServiceProvider? Services)> _parts = new(StringComparer.Ordinal);

    /// <summary>The cards, as all parts see them.</summary>
    public DeviceMonitor Monitor => monitor;

    /// <summary>The parts that are enabled, in the order of their names.</summary>
    public IReadOnlyList<PartState> Parts
    {
        get
        {
            lock (_lock)
                return [.. _parts.Values.Select(part => part.State)];
        }
    }

    /// <summary>
    /// A service of a part, such as its <c>ILabelSink</c> or <c>DevicePluginStatus</c>; null while the part does not run. It may end at any
    /// time, and with it the service.
    /// </summary>
    public T? Find<T>(string part) where T : class
    {
        lock (_lock)
            return _parts.GetValueOrDefault(part).Services?.GetService<T>();
    }

    /// <param name="state">How a part is.</param>
    /// <param name="services">Its services; null while it does not run.</param>
    public void Set(PartState state, IServiceProvider? services)
    {
        lock (_lock)
            _parts[state.Name] = (state, services);
    }

    /// <summary>Forgets a part that is not enabled.</summary>
    public void Remove(string part)
    {
        lock (_lock)
            _parts.Remove(part);
    }
}

/// <summary>How a part of the agent is.</summary>
/// <param name="Name">The part.</param>
/// <param name="Since">Since when it runs, or does not.</param>
/// <param name="Failure">Why it does not run; null while it does.</param>
/// <param name="Restarts">How often it was started after it had failed.</param>
internal sealed record PartState(string Name, DateTimeOffset Since, string? Failure, int Restarts)
{
    public bool IsRunning => Failure is null;
}
