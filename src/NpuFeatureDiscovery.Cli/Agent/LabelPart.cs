using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Cli.Commands;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>What <c>label</c> does.</summary>
internal sealed class LabelPart(AgentContext context) : IAgentPart
{
    private readonly AgentSections _sections = new();
    private bool _hasStarted;

    public string Name => AgentParts.Label;

    public bool StartsBeside => false;

    /// <summary>With the interval, since the lease is made of it.</summary>
    public object SectionOf(AgentConfiguration configuration) =>
        new AgentConfiguration { Label = configuration.Label, Interval = configuration.Interval };

    public void AddServices(IServiceCollection services, AgentConfiguration configuration)
    {
        var parsed = _sections.ParseLabel(configuration, context.NodeNameOption);
        services.AddSingleton(provider => new LabelSinks(
            _sections.Label, parsed, context.Output, context.Environment, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<PartSink>(provider => new PartSink(provider.GetRequiredService<LabelSinks>().Create()));
        services.AddSingleton<ILabelSink>(provider => provider.GetRequiredService<PartSink>());
        services.AddNpuLabels();
        services.AddOptions<LabelOptions>().Configure<LabelSinks>((labels, sinks) =>
        {
            _sections.Label.Apply(parsed, labels);
            // The agents of a cluster start together, and not again.
            labels.MaxStartDelay = sinks.CallsApi && !_hasStarted ? LabelCommand.MaxStartDelay : TimeSpan.Zero;
            _hasStarted = true;
        });
    }

    public bool TryApply(IServiceProvider services, AgentConfiguration configuration) => false;

    public bool Leaves(AgentConfiguration before, AgentConfiguration after) => TargetOf(before) != TargetOf(after);

    /// <summary>For how long cards that cannot be read keep what was known of them, as long as their labels would stand.</summary>
    public void Apply(AgentConfiguration configuration, DeviceMonitorOptions devices) =>
        _sections.Label.Apply(_sections.ParseLabel(configuration, context.NodeNameOption), devices);

    private string TargetOf(AgentConfiguration configuration)
    {
        var parsed = _sections.ParseLabel(configuration, context.NodeNameOption);
        var file = _sections.Label.FeatureFileOf(parsed);
        var node = _sections.Label.NodeOf(parsed, context.Environment);
        return $"{parsed.ValueOf(_sections.Label.Output)} {file.FeaturesDirectory} {file.FileName} {node.Namespace}";
    }
}
