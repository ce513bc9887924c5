using NpuFeatureDiscovery.Cli.Status;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>The agent's parts, for its status.</summary>
internal sealed class AgentStatusParts(AgentState state) : IStatusParts
{
    public IReadOnlyList<PartState> All => state.Parts;

    public T? Find<T>() where T : class
    {
        foreach (var part in state.Parts)
        {
            if (state.Find<T>(part.Name) is { } service)
                return service;
        }

        return null;
    }
}
