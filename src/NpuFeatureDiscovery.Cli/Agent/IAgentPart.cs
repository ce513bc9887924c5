using Microsoft.Extensions.DependencyInjection;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>What the agent can run: services of their own, made anew for each start.</summary>
internal interface IAgentPart
{
    /// <summary>One of <see cref="AgentParts"/>.</summary>
    string Name { get; }

    /// <summary>Whether the next may start before the last has ended.</summary>
    bool StartsBeside { get; }

    /// <summary>What the part is told of a configuration, compared by value.</summary>
    object SectionOf(AgentConfiguration configuration);

    /// <summary>Adds the part's services to those that all parts share.</summary>
    void AddServices(IServiceCollection services, AgentConfiguration configuration);

    /// <summary>Takes over another configuration while the part runs.</summary>
    /// <returns>Whether it could; else it has to be started anew.</returns>
    bool TryApply(IServiceProvider services, AgentConfiguration configuration);

    /// <summary>Whether what the part published has to go when another takes its place.</summary>
    bool Leaves(AgentConfiguration before, AgentConfiguration after);
}
