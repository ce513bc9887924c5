using System.Collections.Frozen;
using System.Text;

namespace NpuFeatureDiscovery.DevicePlugin.Resources;

/// <summary>
/// All devices of one resource, as a kubelet can be told of them, whatever a source made of them. Immutable; equal to another where
/// the kubelet would be told the same.
/// </summary>
internal sealed class DeviceList : IEquatable<DeviceList>
{
    /// <summary>A kubelet's limit for messages, that of grpc-go: https://pkg.go.dev/google.golang.org/grpc#MaxCallRecvMsgSize.</summary>
    public const int MaxMessageBytes = 4 << 20;

    /// <summary>A comment of the kubelet's API; no kubelet enforces it.</summary>
    private const int MaxIdLength = 63;

    /// <summary>The kubelet's masks of NUMA nodes have 64 bits.</summary>
    private const int MaxNumaNode = 63;

    private readonly FrozenDictionary<string, PluginDevice> _byId;

    public DeviceList(IReadOnlyList<PluginDevice> devices)
    {
        var problems = new List<string>();
        var usable = new Dictionary<string, PluginDevice>(devices.Count, StringComparer.Ordinal);
        var ordered = new List<PluginDevice>(devices.Count);
        var bytes = 0;
        foreach (var device in devices)
        {
            if (string.IsNullOrEmpty(device?.Id))
                problems.Add("a device without an id, which is left out");
            else if (usable.ContainsKey(device.Id))
                problems.Add($"'{device.Id}' more than once, of which the first counts");
            else if ((bytes += MessageBytes(device)) > MaxMessageBytes)
            {
                problems.Add($"{devices.Count} devices, of which the kubelet's limit of {MaxMessageBytes} bytes a message leaves "
                    + $"{ordered.Count}: those from '{device.Id}' on are left out");
                break;
            }
            else
            {
                if (device.Id.Length > MaxIdLength)
                    problems.Add($"'{device.Id}', which is longer than the {MaxIdLength} characters that the kubelet's API allows");

                var told = WithNumaNodes(device);
                usable.Add(device.Id, told);
                ordered.Add(told);
            }
        }

        Devices = ordered;
        Problems = problems;
        _byId = usable.ToFrozenDictionary(StringComparer.Ordinal);
        // A device without a node among others with one would fit no request that is bound to a node: all or none.
        TellsNumaNodes = ordered.TrueForAll(device => device.NumaNodes.Count > 0);
    }

    /// <summary>In the order of the source.</summary>
    public IReadOnlyList<PluginDevice> Devices { get; }

    public IReadOnlyDictionary<string, PluginDevice> ById => _byId;

    /// <summary>Whether the kubelet is told of the devices' NUMA nodes.</summary>
    public bool TellsNumaNodes { get; }

    /// <summary>What is wrong with the source's list, each a thing that it has.</summary>
    public IReadOnlyList<string> Problems { get; }

    public PluginDevice? Find(string id) => _byId.GetValueOrDefault(id);

    public bool Equals(DeviceList? other) =>
        other is not null && Devices.Count == other.Devices.Count && TellsNumaNodes == other.TellsNumaNodes
        && Devices.All(device => other.Find(device.Id) is { } same && same.IsHealthy == device.IsHealthy
            && (!TellsNumaNodes || same.NumaNodes.Equals(device.NumaNodes)));

    public override bool Equals(object? obj) => Equals(obj as DeviceList);

    public override int GetHashCode() => Devices.Count;

    /// <summary>Not less than its part of a ListAndWatchResponse: tags and lengths, the id, "Unhealthy" and the nodes.</summary>
    private static int MessageBytes(PluginDevice device) => 24 + Encoding.UTF8.GetByteCount(device.Id) + (4 * device.NumaNodes.Count);

    private static PluginDevice WithNumaNodes(PluginDevice device)
    {
        if (device.NumaNodes is [] or [>= 0 and <= MaxNumaNode])
            return device;

        var nodes = new List<int>();
        foreach (var node in device.NumaNodes)
        {
            if (node is >= 0 and <= MaxNumaNode && !nodes.Contains(node))
                nodes.Add(node);
        }

        nodes.Sort();
        return device with { NumaNodes = [.. nodes] };
    }
}
