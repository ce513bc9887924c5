using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>What the agent is to do, from its file or its command line; compared by value.</summary>
internal sealed record AgentConfiguration
{
    /// <summary>The parts that run.</summary>
    public EquatableArray<string> Enable { get; init; } = [.. AgentParts.All];

    public TimeSpan Interval { get; init; }

    public TimeSpan HealthInterval { get; init; }

    /// <summary>Where the endpoint is served.</summary>
    public string Address { get; init; } = "";

    /// <summary>How the endpoint is served, as arguments of <c>metrics-exporter</c>.</summary>
    public EquatableArray<string> Endpoint { get; init; } = [];

    /// <summary>Arguments of <c>label</c>.</summary>
    public EquatableArray<string> Label { get; init; } = [];

    public DevicePluginFile DevicePlugin { get; init; } = new();

    /// <summary>Arguments of <c>metrics-exporter</c>.</summary>
    public EquatableArray<string> Metrics { get; init; } = [];
}
