using System.Globalization;
using System.Text;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Makes one text a <see cref="DevicePluginFile"/>, and goes on after a mistake to find the others.</summary>
internal sealed class DevicePluginFileParser(string text, string nodeName)
{
    private const int MaxSeconds = 86400;
    private const string DevName = "devName";
    private const string NodeName = "nodeName";

    private static readonly string[] Keys = [.. DevicePluginFileKey.All.Select(key => key.Name)];
    private static readonly string[] EntryKeys = [DevName, NodeName];
    private static readonly string AllowedKeys = $"a map with any of {string.Join(", ", Keys)}";

    private readonly YamlEvents _events = new(text);
    private readonly List<FileMistake> _mistakes = [];
    private readonly Dictionary<string, Mark> _keys = new(StringComparer.Ordinal);
    private DevicePluginFile _file = new();

    public IReadOnlyCollection<FileMistake> Mistakes => _mistakes;

    /// <summary>What is right in the file; whether that is all of it is told by <see cref="Mistakes"/>.</summary>
    public DevicePluginFile Parse()
    {
        try
        {
            ReadStream();
        }
        catch (YamlException exception)
        {
            Add(exception.Start, $"This is not valid YAML. {exception.Message}");
        }

        return _file;
    }

    /// <summary>Adds what others find wrong with values, at their keys.</summary>
    public void Refuse(DevicePluginFile file, IEnumerable<(string Key, string Reason)> refusals)
    {
        foreach (var (key, reason) in refusals)
        {
            var value = DevicePluginFileKey.All.Single(known => known.Name == key).Show(file);
            Add(_keys.GetValueOrDefault(key, new Mark(0, 1, 1)), $"Key '{key}' does not take {value}: {reason}");
        }
    }

    private void ReadStream()
    {
        _events.Next();
        var root = _events.Next() is DocumentStart ? _events.NextNode() : null;
        if (root is null || IsNothing(root))
        {
            _mistakes.Add(new FileMistake(1, 1, $"The file is empty: allowed is {AllowedKeys}; {{}} stands for all defaults."));
            return;
        }

        if (root is MappingStart)
        {
            RefuseTag(root);
            ReadMap("", Keys, _keys, ReadValue);
        }
        else
        {
            Add(root.Start, $"The file does not take {Describe(root)}: allowed is {AllowedKeys}.");
            _events.Skip(root);
        }

        _events.Next();
        if (_events.Next() is DocumentStart second)
            Add(second.Start, "A second document begins here: allowed is one.");
    }

    private void ReadMap(
        string prefix, IReadOnlyCollection<string> allowed, Dictionary<string, Mark> keys, Action<string, ParsingEvent> readValue)
    {
        while (_events.TryNextNode<MappingEnd>(out var key))
        {
            var name = key is Scalar scalar ? scalar.Value : null;
            if (name is null || !allowed.Contains(name))
            {
                var what = name is null ? Describe(key) : Quote(prefix + name);
                Add(key.Start, $"Key {what} is unknown: allowed are {string.Join(", ", allowed)}.");
                _events.Skip(key);
                _events.Skip(_events.NextNode());
                continue;
            }

            RefuseTag(key);
            if (!keys.TryAdd(name, key.Start))
                Add(key.Start, $"Key '{prefix}{name}' is given again: allowed is once, and line {keys[name].Line} has it.");

            var value = _events.NextNode();
            RefuseTag(value);
            readValue(name, value);
        }
    }

    private void ReadValue(string key, ParsingEvent value) => _file = key switch
    {
        DevicePluginFileKey.DefaultPe => _file with
        {
            // pe0-1 is what SDK 0.6 called a card.
            DefaultPe = ReadChoice<DefaultPe>(key, value, $"{DefaultPe.Fusion} or {DefaultPe.Single}",
                ("fusion", DefaultPe.Fusion), ("pe0-1", DefaultPe.Fusion), ("single", DefaultPe.Single)),
        },
        DevicePluginFileKey.AllocationPolicy => _file with
        {
            AllocationPolicy = ReadChoice<AllocationPolicy>(key, value, "packed or spread",
                ("packed", AllocationPolicy.Packed), ("spread", AllocationPolicy.Spread)),
        },
        DevicePluginFileKey.Interval => _file with { Interval = ReadInterval(key, value) },
        DevicePluginFileKey.DisabledDevices => _file with { DisabledDevices = ReadDisabledDevices(key, value) },
        DevicePluginFileKey.PluginDir => _file with { PluginDir = ReadText(key, value) ?? _file.PluginDir },
        DevicePluginFileKey.SocketName => _file with { SocketName = ReadText(key, value) ?? _file.SocketName },
        DevicePluginFileKey.Cdi => _file with
        {
            // In YAML 1.1, which Helm writes, an 'off' without quotes is a 'false'.
            Cdi = ReadChoice<CdiMode>(key, value, "off, annotations or field",
                ("off", CdiMode.Off), ("false", CdiMode.Off), ("annotations", CdiMode.Annotations), ("field", CdiMode.Field)),
        },
        DevicePluginFileKey.CdiDir => _file with { CdiDir = ReadText(key, value) ?? _file.CdiDir },
        DevicePluginFileKey.Registration => _file with
        {
            Registration = ReadChoice<RegistrationMode>(key, value, "classic, watcher or auto",
                ("classic", RegistrationMode.Classic), ("watcher", RegistrationMode.Watcher), ("auto", RegistrationMode.Auto)),
        },
        DevicePluginFileKey.RegistryDir => _file with { RegistryDir = ReadText(key, value) ?? _file.RegistryDir },
        _ => _file with { ResourceName = ReadText(key, value) ?? _file.ResourceName },
    };

    /// <summary>One of some words, in any case.</summary>
    private T ReadChoice<T>(string key, ParsingEvent value, string allowed, params ReadOnlySpan<(string Word, T Value)> choices)
        where T : struct
    {
        foreach (var (word, choice) in choices)
        {
            if (word.Equals((value as Scalar)?.Value, StringComparison.OrdinalIgnoreCase))
                return choice;
        }

        Refuse(key, value, allowed);
        return default;
    }

    private TimeSpan ReadInterval(string key, ParsingEvent value)
    {
        // Without the leading zero, which makes a number octal in YAML 1.1 and not in 1.2.
        if (value is Scalar { Style: ScalarStyle.Plain, Value: [not '0', ..] } scalar
            && int.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 1 and <= MaxSeconds)
            return TimeSpan.FromSeconds(seconds);

        Refuse(key, value, $"a whole number of seconds, 1 to {MaxSeconds}");
        return _file.Interval;
    }

    private EquatableArray<string> ReadDisabledDevices(string key, ParsingEvent value)
    {
        var numbers = new SortedSet<byte>();
        if (value is SequenceStart)
        {
            var index = 0;
            while (_events.TryNextNode<SequenceEnd>(out var entry))
            {
                if (ReadEntry($"{key}[{index++}]", entry) is { } number)
                    numbers.Add(number);
            }
        }
        else if (!IsNothing(value))
            Refuse(key, value, $"a list of maps with {DevName} and {NodeName}");

        var names = new List<string>(numbers.Count);
        foreach (var number in numbers)
            names.Add($"npu{number}");

        return [.. names];
    }

    /// <summary>The number of the card, if it is one of this node.</summary>
    private byte? ReadEntry(string key, ParsingEvent entry)
    {
        RefuseTag(entry);
        if (entry is not MappingStart)
        {
            Refuse(key, entry, $"a map with {DevName} and {NodeName}");
            return null;
        }

        byte? number = null;
        var isHere = false;
        var keys = new Dictionary<string, Mark>(StringComparer.Ordinal);
        ReadMap($"{key}.", EntryKeys, keys, (name, value) =>
        {
            if (name == DevName)
                number = ReadDevName($"{key}.{name}", value);
            else
                isHere = ReadText($"{key}.{name}", value) == nodeName;
        });
        foreach (var missing in EntryKeys.Where(name => !keys.ContainsKey(name)))
            Add(entry.Start, $"Key '{key}.{missing}' is missing: an entry needs {DevName} and {NodeName}.");

        return isHere ? number : null;
    }

    private byte? ReadDevName(string key, ParsingEvent value)
    {
        if (value is Scalar { Value: ['n', 'p', 'u', .. var digits] } && digits is "0" or [not '0', ..]
            && byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;

        Refuse(key, value, "npu0 to npu255");
        return null;
    }

    private string? ReadText(string key, ParsingEvent value)
    {
        if (value is Scalar scalar && !IsNothing(value) && !string.IsNullOrWhiteSpace(scalar.Value))
            return scalar.Value;

        Refuse(key, value, "a text that is not blank");
        return null;
    }

    private void Refuse(string key, ParsingEvent value, string allowed)
    {
        var what = IsNothing(value) ? "has no value" : $"does not take {Describe(value)}";
        Add(value.Start, $"Key '{key}' {what}: allowed is {allowed}.");
        _events.Skip(value);
    }

    private void RefuseTag(ParsingEvent node)
    {
        if (node is NodeEvent { Tag.IsEmpty: false } tagged)
            Add(node.Start, $"Tag {Quote(tagged.Tag.Value)} is not expected: leave it out.");
    }

    private void Add(Mark place, string mistake) => _mistakes.Add(new FileMistake((int)place.Line, (int)place.Column, mistake));

    private static bool IsNothing(ParsingEvent node) =>
        node is Scalar { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" };

    private static string Describe(ParsingEvent node) => node switch
    {
        AnchorAlias alias => $"the alias {Quote($"*{alias.Value}")}",
        MappingStart => "a map",
        SequenceStart => "a list",
        Scalar { Style: ScalarStyle.Plain } scalar => Quote(scalar.Value),
        _ => $"the text {Quote(((Scalar)node).Value)}",
    };

    /// <summary>A value on one line and not endless, whatever is in it.</summary>
    private static string Quote(string value)
    {
        const int longest = 80;
        var start = value.Length <= longest ? value : $"{value[..longest]}...";
        var quoted = new StringBuilder("'");
        foreach (var character in start)
            _ = char.IsControl(character) ? quoted.Append($"\\u{(int)character:X4}") : quoted.Append(character);

        return quoted.Append('\'').ToString();
    }
}
