using YamlDotNet.Core;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Makes one text a <see cref="DevicePluginFile"/>, and goes on after a mistake to find the others.</summary>
internal sealed class DevicePluginFileParser
{
    private static readonly string[] Keys = [.. DevicePluginFileKey.All.Select(key => key.Name)];

    private readonly YamlValues _values;
    private readonly DevicePluginKeys _section;
    private readonly Dictionary<string, Mark> _keys = new(StringComparer.Ordinal);

    public DevicePluginFileParser(string text, string nodeName)
    {
        _values = new YamlValues(text);
        _section = new DevicePluginKeys(_values, "", nodeName);
    }

    public IReadOnlyCollection<FileMistake> Mistakes => _values.Mistakes;

    /// <summary>What is right in the file; whether that is all of it is told by <see cref="Mistakes"/>.</summary>
    public DevicePluginFile Parse()
    {
        _values.ReadFile(Keys, _keys, _section.Read);
        return _section.File;
    }

    /// <summary>Adds what others find wrong with values, at their keys.</summary>
    public void Refuse(DevicePluginFile file, IEnumerable<(string Key, string Reason)> refusals)
    {
        foreach (var (key, reason) in refusals)
            _section.Refuse(file, _keys.GetValueOrDefault(key, new Mark(0, 1, 1)), key, reason);
    }
}
