namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>The names of the agent's parts, as <c>enable</c> has them.</summary>
internal static class AgentParts
{
    public const string Label = "label";

    public const string DevicePlugin = "device-plugin";

    public const string Metrics = "metrics";

    public static IReadOnlyList<string> All { get; } = [Label, DevicePlugin, Metrics];
}
