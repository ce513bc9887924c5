using System.Text.Json;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>
/// What the kubelet writes down of devices, as hints for people: the file is its own business, and a Pod that ended stands in it until
/// the kubelet looks for the next time.
/// </summary>
/// <param name="Resources">What device plugins of any vendor have registered, in the file's order.</param>
/// <param name="Held">What Pods hold, in the file's order.</param>
public sealed record KubeletCheckpoint(EquatableArray<RegisteredResource> Resources, EquatableArray<HeldDevice> Held)
{
    /// <summary>The file's name in the kubelet's folder for device plugins.</summary>
    public const string FileName = "kubelet_internal_checkpoint";

    /// <summary>Reads the file; what it does not have, or has in another form, is left out.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not read it.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static KubeletCheckpoint Read(string path)
    {
        using var file = JsonText.Parse(File.ReadAllBytes(path));
        return new KubeletCheckpoint(
            [.. ReadResources(Property(file.RootElement, "Data", "RegisteredDevices"))],
            [.. Elements(Property(file.RootElement, "Data", "PodDeviceEntries")).SelectMany(ReadHeld)]);
    }

    /// <summary>The units that Pods hold, as far as the file tells; none where it does not.</summary>
    internal static IReadOnlyCollection<UnitId> HeldUnits(string path)
    {
        try
        {
            var held = new List<UnitId>();
            foreach (var device in Read(path).Held)
            {
                if (UnitId.TryParse(device.Id, out var id))
                    held.Add(id);
            }

            return held;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    private static IEnumerable<RegisteredResource> ReadResources(JsonElement registered)
    {
        if (registered.ValueKind != JsonValueKind.Object)
            yield break;

        foreach (var resource in registered.EnumerateObject())
            yield return new RegisteredResource(resource.Name, [.. Texts(resource.Value)]);
    }

    private static IEnumerable<HeldDevice> ReadHeld(JsonElement entry) => Texts(Property(entry, "DeviceIDs")).Select(
        id => new HeldDevice(Text(entry, "PodUID"), Text(entry, "ContainerName"), Text(entry, "ResourceName"), id));

    private static string Text(JsonElement entry, string name) =>
        Property(entry, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

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
