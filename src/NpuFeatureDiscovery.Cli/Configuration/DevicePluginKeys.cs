using System.Globalization;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Reads the keys of the device plugin, from its own file or from a section of another.</summary>
/// <param name="values">The file.</param>
/// <param name="prefix">What stands before the keys where they are named, such as <c>devicePlugin.</c>.</param>
/// <param name="nodeName">The node whose disabled devices count.</param>
internal sealed class DevicePluginKeys(YamlValues values, string prefix, string nodeName)
{
    private const int MaxSeconds = 86400;
    private const string DevName = "devName";
    private const string NodeName = "nodeName";

    private static readonly string[] EntryKeys = [DevName, NodeName];

    /// <summary>What has been read.</summary>
    public DevicePluginFile File { get; private set; } = new();

    /// <summary>Takes over the value of one key.</summary>
    public void Read(string name, ParsingEvent value)
    {
        var key = prefix + name;
        File = name switch
        {
            DevicePluginFileKey.DefaultPe => File with
            {
                // pe0-1 is what SDK 0.6 called a card.
                DefaultPe = values.ReadChoice<DefaultPe>(key, value, $"{DefaultPe.Fusion} or {DefaultPe.Single}",
                    ("fusion", DefaultPe.Fusion), ("pe0-1", DefaultPe.Fusion), ("single", DefaultPe.Single)),
            },
            DevicePluginFileKey.AllocationPolicy => File with
            {
                AllocationPolicy = values.ReadChoice<AllocationPolicy>(key, value, "packed or spread",
                    ("packed", AllocationPolicy.Packed), ("spread", AllocationPolicy.Spread)),
            },
            DevicePluginFileKey.Interval => File with { Interval = ReadInterval(key, value) },
            DevicePluginFileKey.DisabledDevices => File with { DisabledDevices = ReadDisabledDevices(key, value) },
            DevicePluginFileKey.PluginDir => File with { PluginDir = values.ReadText(key, value) ?? File.PluginDir },
            DevicePluginFileKey.SocketName => File with { SocketName = values.ReadText(key, value) ?? File.SocketName },
            DevicePluginFileKey.Cdi => File with
            {
                // In YAML 1.1, which Helm writes, an 'off' without quotes is a 'false'.
                Cdi = values.ReadChoice<CdiMode>(key, value, "off, annotations or field",
                    ("off", CdiMode.Off), ("false", CdiMode.Off), ("annotations", CdiMode.Annotations), ("field", CdiMode.Field)),
            },
            DevicePluginFileKey.CdiDir => File with { CdiDir = values.ReadText(key, value) ?? File.CdiDir },
            DevicePluginFileKey.Registration => File with
            {
                Registration = values.ReadChoice<RegistrationMode>(key, value, "classic, watcher or auto",
                    ("classic", RegistrationMode.Classic), ("watcher", RegistrationMode.Watcher), ("auto", RegistrationMode.Auto)),
            },
            DevicePluginFileKey.RegistryDir => File with { RegistryDir = values.ReadText(key, value) ?? File.RegistryDir },
            _ => File with { ResourceName = values.ReadText(key, value) ?? File.ResourceName },
        };
    }

    /// <summary>Adds what others find wrong with a value.</summary>
    public void Refuse(DevicePluginFile file, Mark place, string name, string reason)
    {
        var value = DevicePluginFileKey.All.Single(known => known.Name == name).Show(file);
        values.Add(place, $"Key '{prefix}{name}' does not take {value}: {reason}");
    }

    private TimeSpan ReadInterval(string key, ParsingEvent value)
    {
        // Without the leading zero, which makes a number octal in YAML 1.1 and not in 1.2.
        if (value is Scalar { Style: ScalarStyle.Plain, Value: [not '0', ..] } scalar
            && int.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 1 and <= MaxSeconds)
            return TimeSpan.FromSeconds(seconds);

        values.Refuse(key, value, $"a whole number of seconds, 1 to {MaxSeconds}");
        return File.Interval;
    }

    private EquatableArray<string> ReadDisabledDevices(string key, ParsingEvent value)
    {
        var numbers = new SortedSet<byte>();
        if (value is SequenceStart)
        {
            var index = 0;
            while (values.TryNextEntry(out var entry))
            {
                if (ReadEntry($"{key}[{index++}]", entry) is { } number)
                    numbers.Add(number);
            }
        }
        else if (!YamlValues.IsNothing(value))
            values.Refuse(key, value, $"a list of maps with {DevName} and {NodeName}");

        var names = new List<string>(numbers.Count);
        foreach (var number in numbers)
            names.Add($"npu{number}");

        return [.. names];
    }

    /// <summary>The number of the card, if it is one of this node.</summary>
    private byte? ReadEntry(string key, ParsingEvent entry)
    {
        if (entry is not MappingStart)
        {
            values.Refuse(key, entry, $"a map with {DevName} and {NodeName}");
            return null;
        }

        byte? number = null;
        var isHere = false;
        var keys = new Dictionary<string, Mark>(StringComparer.Ordinal);
        values.ReadMap($"{key}.", EntryKeys, keys, (name, value) =>
        {
            if (name == DevName)
                number = ReadDevName($"{key}.{name}", value);
            else
                isHere = values.ReadText($"{key}.{name}", value) == nodeName;
        });
        foreach (var missing in EntryKeys.Where(name => !keys.ContainsKey(name)))
            values.Add(entry.Start, $"Key '{key}.{missing}' is missing: an entry needs {DevName} and {NodeName}.");

        return isHere ? number : null;
    }

    private byte? ReadDevName(string key, ParsingEvent value)
    {
        if (value is Scalar { Value: ['n', 'p', 'u', .. var digits] } && digits is "0" or [not '0', ..]
            && byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;

        values.Refuse(key, value, "npu0 to npu255");
        return null;
    }
}
