using Microsoft.Extensions.DependencyInjection;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>What <c>metrics-exporter</c> shows, at the agent's endpoint.</summary>
internal sealed class MetricsPart(AgentContext context) : IAgentPart
{
    private readonly AgentSections _sections = new();

    public string Name => AgentParts.Metrics;

    /// <summary>So that no scrape misses the cards.</summary>
    public bool StartsBeside => true;

    public object SectionOf(AgentConfiguration configuration) => configuration.Metrics;

    public void AddServices(IServiceCollection services, AgentConfiguration configuration)
    {
        var parsed = _sections.ParseMetrics(configuration, context.NodeNameOption);
        services.AddNpuMetrics(metrics => _sections.Metrics.Apply(parsed, metrics, context.Environment));
        services.Configure<PodResourcesOptions>(pods => _sections.Metrics.Apply(parsed, pods));
    }

    public bool TryApply(IServiceProvider services, AgentConfiguration configuration) => false;

    public bool Leaves(AgentConfiguration before, AgentConfiguration after) => false;
}
