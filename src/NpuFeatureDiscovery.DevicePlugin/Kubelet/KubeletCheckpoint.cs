using System.Text.Json;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>
/// What the kubelet writes down of the devices that Pods hold, as hints for people: the file is its own business, and a Pod that
/// ended stands in it until the kubelet looks for the next time.
/// </summary>
internal static class KubeletCheckpoint
{
    public const string FileName = "kubelet_internal_checkpoint";

    /// <summary>The units that Pods hold, as far as the file tells; none where it does not.</summary>
    public static IReadOnlyCollection<UnitId> HeldUnits(string path)
    {
        try
        {
            using var checkpoint = JsonDocument.Parse(File.ReadAllBytes(path));
            return [.. Property(checkpoint.RootElement, "Data", "PodDeviceEntries").SelectMany(Elements)
                .SelectMany(entry => Property(entry, "DeviceIDs")).SelectMany(Texts)
                .Select(text => UnitId.TryParse(text, out var id) ? id : default).Where(id => id != default)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    private static IEnumerable<JsonElement> Property(JsonElement element, params IEnumerable<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return [];
        }

        return [element];
    }

    private static IEnumerable<JsonElement> Elements(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray(),
        JsonValueKind.Object => element.EnumerateObject().Select(property => property.Value),
        _ => [],
    };

    /// <summary>The ids are a list, since Kubernetes 1.20 one for each NUMA node.</summary>
    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind == JsonValueKind.String
        ? [element.GetString()!]
        : Elements(element).SelectMany(Texts);
}
