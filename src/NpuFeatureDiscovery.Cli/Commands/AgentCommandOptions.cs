using System.CommandLine;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Metrics.Npus;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The options of <c>agent</c>: what the parts have in common, and what is changed most often of each; a file has all.</summary>
internal sealed class AgentCommandOptions
{
    /// <summary>The port of the SDK's exporter.</summary>
    public static readonly EndpointAddress DefaultAddress = EndpointAddress.Parse(":6254");

    public LoggingOptions Logging { get; } = new();

    public Option<HostRoot> Root { get; } = CommonOptions.CreateRoot();

    public Option<string?> NodeName { get; } = CommonOptions.CreateNodeName();

    public Option<string?> ConfigFile { get; } = OptionFactory.Create<string?>(
        "--config-file", "FILE", "A YAML file in the place of the options above, with a section for each part; its changes count at once.",
        null, TryParseFile);

    public Option<EndpointAddress?> Address { get; } = OptionFactory.Create<EndpointAddress?>(
        "--address", "[HOST]:PORT", "Where to serve /livez, /readyz and /metrics.", DefaultAddress, CommonOptions.TryParseAddress);

    private readonly Option<IReadOnlyList<string>> _enable = OptionFactory.CreateList<string>(
        "--enable", "PART,...", $"What to run: {string.Join(", ", AgentParts.All)}.", AgentParts.All, TryParsePart);

    private readonly Option<Choice<TimeSpan>> _interval = CommonOptions.CreateInterval(new("60s", TimeSpan.FromSeconds(60)));

    private readonly Option<Choice<TimeSpan>> _healthInterval = CommonOptions.CreateHealthInterval();

    private readonly Option<string?> _output = Passed("--output", "WHERE", "Where to publish labels, as of 'label': auto unless given.");

    private readonly Option<string?> _labelProfile = Passed(
        "--label-profile", "NAME,...", $"Which generations of labels: {string.Join(", ", LabelProfiles.Names)}.");

    private readonly Option<string?> _metricsProfile = Passed(
        "--metrics-profile", "NAME,...", $"Which generations of metrics: {string.Join(", ", MetricProfiles.Names)}.");

    /// <summary>Those that a configuration file stands for.</summary>
    private Option[] OfFile => [_enable, _interval, _healthInterval, Address, _output, _labelProfile, _metricsProfile];

    /// <summary>The keys of the file that are options here.</summary>
    public bool IsKey(Option option) => option == _enable || option == _interval || option == _healthInterval || option == Address;

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[.. OfFile, ConfigFile, NodeName, Root])
            command.Options.Add(option);

        Logging.AddTo(command);
    }

    /// <summary>What the command line says.</summary>
    public AgentConfiguration Read(ParseResult parsed) => Apply(parsed, new AgentConfiguration
    {
        Label = [.. Arguments(parsed, ("--output", _output), ("--profile", _labelProfile))],
        Metrics = [.. Arguments(parsed, ("--profile", _metricsProfile))],
    });

    /// <summary>Adds the agent's own options.</summary>
    public AgentConfiguration Apply(ParseResult parsed, AgentConfiguration configuration) => configuration with
    {
        Enable = [.. AgentParts.All.Where(parsed.GetRequiredValue(_enable).Contains)],
        Interval = parsed.ValueOf(_interval),
        HealthInterval = parsed.ValueOf(_healthInterval),
        Address = parsed.GetValue(Address)!.ToString(),
    };

    /// <summary>What is wrong with options that are each right by themselves.</summary>
    public IEnumerable<string> Contradictions(ParseResult parsed)
    {
        if (parsed.GetValue(ConfigFile) is not null)
        {
            foreach (var option in OfFile.Where(option => parsed.GetResult(option) is { Implicit: false }))
                yield return $"Option '{option.Name}' does not go with '--config-file', which stands for it: write it into the file.";
        }

        if (CommonOptions.HealthIntervalError(parsed, _healthInterval, _interval) is { } error)
            yield return error;
    }

    /// <summary>A value that a part's own command checks.</summary>
    private static Option<string?> Passed(string name, string valueName, string description) =>
        OptionFactory.Create<string?>(name, valueName, description, null, TryParseText);

    private static IEnumerable<string> Arguments(ParseResult parsed, params (string Name, Option<string?> Option)[] options)
    {
        foreach (var (name, option) in options)
        {
            if (parsed.GetValue(option) is { } value)
                yield return $"{name}={value}";
        }
    }

    private static bool TryParsePart(string text, out string value, out string reason)
    {
        value = text.ToLowerInvariant();
        reason = $"allowed are {string.Join(", ", AgentParts.All)}.";
        return AgentParts.All.Contains(value);
    }

    private static bool TryParseFile(string text, out string? value, out string reason)
    {
        value = text;
        reason = "allowed is a file's path.";
        return text.Length > 0;
    }

    private static bool TryParseText(string text, out string? value, out string reason)
    {
        value = text;
        reason = "allowed is a value that is not empty.";
        return text.Length > 0;
    }
}
