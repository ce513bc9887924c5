using System.CommandLine;
using NpuFeatureDiscovery.Cli.Commands;
using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>The commands whose options are the agent's sections, and which of them the agent has itself.</summary>
internal sealed class AgentSections
{
    private static readonly string[] OfAgent =
        ["--address", "--port", "--root", "--node-name", "--interval", "--health-interval", "--log-format", "--log-level"];

    /// <summary>What ends at once.</summary>
    private static readonly string[] OfLabelAlone = ["--oneshot", "--dry-run", "--cleanup"];

    private readonly Command _label = new(LabelCommand.Name);
    private readonly Command _metrics = new(MetricsExporterCommand.Name);
    private readonly HashSet<string> _ofEndpoint;

    public AgentSections()
    {
        Label.AddTo(_label);
        Metrics.AddTo(_metrics);
        var endpoint = new Command("endpoint");
        Metrics.Endpoint.AddTo(endpoint);
        _ofEndpoint = endpoint.Options.Select(option => option.Name).ToHashSet(StringComparer.Ordinal);
    }

    public LabelCommandOptions Label { get; } = new(LabelProfiles.Beta, LabelOutput.Auto);

    public MetricsExporterCommandOptions Metrics { get; } = new();

    public OptionSection CreateLabel() => new(
        "label.", _label, option => !option.Hidden && !OfAgent.Contains(option.Name) && !OfLabelAlone.Contains(option.Name));

    public OptionSection CreateMetrics() => new(
        "metrics.", _metrics, option => !OfAgent.Contains(option.Name) && !_ofEndpoint.Contains(option.Name));

    public OptionSection CreateEndpoint() => new("endpoint.", _metrics, option => _ofEndpoint.Contains(option.Name));

    public ParseResult ParseLabel(AgentConfiguration configuration, string? nodeName) =>
        _label.Parse([.. configuration.Label, .. Times(configuration), .. NodeName(nodeName)]);

    public ParseResult ParseMetrics(AgentConfiguration configuration, string? nodeName) =>
        _metrics.Parse([.. configuration.Metrics, .. configuration.Endpoint, .. NodeName(nodeName)]);

    private static string[] Times(AgentConfiguration configuration) =>
        [$"--interval={Seconds(configuration.Interval)}", $"--health-interval={Seconds(configuration.HealthInterval)}"];

    private static string[] NodeName(string? nodeName) => nodeName is null ? [] : [$"--node-name={nodeName}"];

    private static string Seconds(TimeSpan time) => $"{(long)time.TotalSeconds}s";
}
