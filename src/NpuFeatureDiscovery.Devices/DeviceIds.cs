using System.Buffers;

namespace NpuFeatureDiscovery.Devices;

/// <summary>
/// Gives each card the id that its units have at the kubelet: its UUID, or its PCI address where it has none, where two cards share
/// one, or where the UUID is none that could stand in an id.
/// </summary>
/// <remarks>
/// A UUID that two cards shared stays unused when one of them goes: else the id of the other would change under the Pods that
/// hold it. Hence an object, to be kept as long as its ids are in use. Not for use by several threads at once.
/// </remarks>
public sealed class DeviceIds
{
    /// <summary>Kubernetes asks for ids of at most 63 characters, and <c>_cores_254-255</c> may follow.</summary>
    private const int MaxLength = 63 - 14;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly HashSet<string> _shared = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The ids of cards, in their order; no two are equal.</summary>
    public IReadOnlyList<string> Of(IReadOnlyList<NpuDevice> devices)
    {
        var uuids = devices.Where(HasUsableUuid).GroupBy(device => device.Uuid!, StringComparer.OrdinalIgnoreCase);
        _shared.UnionWith(uuids.Where(cards => cards.Skip(1).Any()).Select(cards => cards.Key));
        return [.. devices.Select(Id)];
    }

    /// <summary>Cards by their ids.</summary>
    public IReadOnlyDictionary<string, NpuDevice> ById(IReadOnlyList<NpuDevice> devices)
    {
        var ids = Of(devices);
        var byId = new Dictionary<string, NpuDevice>(ids.Count, StringComparer.Ordinal);
        for (var index = 0; index < ids.Count; index++)
            byId.Add(ids[index], devices[index]);

        return byId;
    }

    private string Id(NpuDevice device) =>
        HasUsableUuid(device) && !_shared.Contains(device.Uuid!) ? device.Uuid! : device.PciAddress.ToString();

    private static bool HasUsableUuid(NpuDevice device) =>
        device.Uuid is { Length: > 0 and <= MaxLength } uuid
        && !uuid.AsSpan().ContainsAnyExcept(IdCharacters)
        // What a card says that was never given one.
        && uuid.AsSpan().ContainsAnyExcept('0', '-');
}
