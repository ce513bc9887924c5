using System.CommandLine;
using NpuFeatureDiscovery.Cli.Commands;
using NpuFeatureDiscovery.Cli.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>Makes one text an <see cref="AgentConfiguration"/>, and goes on after a mistake to find the others.</summary>
internal sealed class AgentFileParser
{
    private const string DevicePlugin = "devicePlugin";

    /// <summary>The keys of the plugin's own file but for the interval, which the parts have in common.</summary>
    public static readonly IReadOnlyList<string> DevicePluginKeys =
        [.. DevicePluginFileKey.All.Select(key => key.Name).Where(name => name != DevicePluginFileKey.Interval)];

    private readonly YamlValues _values;
    private readonly AgentContext _context;
    private readonly AgentSections _sections = new();
    private readonly AgentCommandOptions _options = new();
    private readonly Command _command = new(AgentCommand.Name);
    private readonly OptionSection _agent;
    private readonly Dictionary<string, OptionSection> _parts;
    private readonly DevicePluginKeys _plugin;
    private readonly Dictionary<string, Mark> _pluginKeys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Mark> _keys = new(StringComparer.Ordinal);

    public AgentFileParser(string text, AgentContext context)
    {
        _values = new YamlValues(text);
        _context = context;
        _options.AddTo(_command);
        _agent = new OptionSection("", _command, _options.IsKey);
        _plugin = new DevicePluginKeys(_values, $"{DevicePlugin}.", context.NodeName);
        _parts = new Dictionary<string, OptionSection>(StringComparer.Ordinal)
        {
            ["endpoint"] = _sections.CreateEndpoint(),
            ["label"] = _sections.CreateLabel(),
            ["metrics"] = _sections.CreateMetrics(),
        };
    }

    public IReadOnlyCollection<FileMistake> Mistakes => _values.Mistakes;

    /// <summary>The keys that have values of their own, and the sections with theirs.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Keys
    {
        get
        {
            var keys = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
            {
                [""] = _agent.Keys,
                [DevicePlugin] = DevicePluginKeys,
            };
            foreach (var (name, section) in _parts)
                keys.Add(name, section.Keys);

            return keys;
        }
    }

    /// <summary>What is right in the file; whether that is all of it is told by <see cref="Mistakes"/>.</summary>
    public AgentConfiguration Parse()
    {
        _values.ReadFile([.. _agent.Keys, .. _parts.Keys.Append(DevicePlugin).Order(StringComparer.Ordinal)], _keys, ReadValue);
        var agent = _command.Parse([.. _agent.Arguments]);
        var configuration = new AgentConfiguration
        {
            Endpoint = _parts["endpoint"].Arguments,
            Label = _parts["label"].Arguments,
            DevicePlugin = _plugin.File,
            Metrics = _parts["metrics"].Arguments,
        };
        if (Mistakes.Count > 0)
            return configuration;

        configuration = _options.Apply(agent, configuration);
        _agent.Add(_values, _options.Contradictions(agent), PlaceOf(""));
        if (Mistakes.Count == 0)
            AddContradictions(configuration);

        return configuration;
    }

    private void ReadValue(string name, ParsingEvent value)
    {
        if (_agent.Keys.Contains(name))
        {
            _agent.Places[name] = _keys[name];
            _agent.Read(_values, name, value);
            return;
        }

        var keys = name == DevicePlugin ? DevicePluginKeys : _parts[name].Keys;
        if (YamlValues.IsNothing(value))
            return;

        if (value is not MappingStart)
            _values.Refuse(name, value, $"a map with any of {string.Join(", ", keys)}");
        else if (name == DevicePlugin)
            _values.ReadMap($"{name}.", keys, _pluginKeys, _plugin.Read);
        else
            _values.ReadMap($"{name}.", keys, _parts[name].Places, (key, value) => _parts[name].Read(_values, key, value));
    }

    private void AddContradictions(AgentConfiguration configuration)
    {
        _parts["label"].Add(
            _values, _sections.Label.Contradictions(_sections.ParseLabel(configuration, _context.NodeNameOption)), PlaceOf("label"));
        var metrics = _sections.ParseMetrics(configuration, _context.NodeNameOption);
        _parts["metrics"].Add(_values, _sections.Metrics.OwnContradictions(metrics), PlaceOf("metrics"));
        _parts["endpoint"].Add(_values, _sections.Metrics.Endpoint.Contradictions(metrics), PlaceOf("endpoint"));
        foreach (var (key, reason) in _plugin.File.Errors(_context.PodUid))
            _plugin.Refuse(_plugin.File, _pluginKeys.GetValueOrDefault(key, PlaceOf(DevicePlugin)), key, reason);
    }

    private Mark PlaceOf(string section) => _keys.GetValueOrDefault(section, new Mark(0, 1, 1));
}
