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
            var held = new List<UnitId>();
            foreach (var entry in Elements(Property(checkpoint.RootElement, "Data", "PodDeviceEntries")))
            {
                foreach (var text in Texts(Property(entry, "DeviceIDs")))
                {
                    if (UnitId.TryParse(text, out var id))
                        held.Add(id);
                }
            }

            return held;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    /// <returns>Undefined where there is none.</returns>
    private static JsonElement Property(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return default;
        }

        return element;
    }

    private static IEnumerable<JsonElement> Elements(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                yield return item;
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
                yield return property.Value;
        }
    }

    /// <summary>The ids are a list, since Kubernetes 1.20 one for each NUMA node.</summary>
    private static IEnumerable<string> Texts(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
            yield return element.GetString()!;

        foreach (var inner in Elements(element))
        {
            foreach (var text in Texts(inner))
                yield return text;
        }
    }
}
