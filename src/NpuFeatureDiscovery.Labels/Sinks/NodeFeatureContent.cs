using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>What we write of a NodeFeature object.</summary>
internal static class NodeFeatureContent
{
    /// <summary>NFD knows the Node by this label alone.</summary>
    public const string NodeNameLabel = "nfd.node.kubernetes.io/node-name";

    /// <summary>By this annotation nfd-worker's own object is known.</summary>
    public const string WorkerVersion = "nfd.node.kubernetes.io/worker.version";

    /// <summary>The name of the cards in rules; NFD looks it up in lower case, and templates take one dot.</summary>
    private const string DeviceFeatureName = "furiosa.device";

    public static JsonObject Create(string nodeName, LabelSet labels, JsonArray owners)
    {
        var values = new JsonObject();
        foreach (var label in labels.Labels)
            values[label.Key] = label.Value;

        var metadata = new JsonObject { ["labels"] = new JsonObject { [NodeNameLabel] = nodeName } };
        if (owners.Count > 0)
            metadata["ownerReferences"] = owners.DeepClone();

        return new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["labels"] = values, ["features"] = FeaturesOf(labels) },
        };
    }

    /// <summary>Whether an object has the cards, whatever its labels are.</summary>
    public static bool HasCards(JsonObject found, LabelSet labels) =>
        found["spec"] is JsonObject spec && JsonNode.DeepEquals(spec["features"], FeaturesOf(labels));

    /// <summary>Whether an object has it all, so that it needs no writing.</summary>
    public static bool IsIn(JsonObject found, JsonObject wanted) =>
        JsonNode.DeepEquals(found["spec"], wanted["spec"])
        && JsonNode.DeepEquals(found["metadata"]?["labels"]?[NodeNameLabel], wanted["metadata"]!["labels"]![NodeNameLabel])
        && (wanted["metadata"]!["ownerReferences"] is not { } owners
            || JsonNode.DeepEquals(found["metadata"]?["ownerReferences"], owners));

    private static JsonObject FeaturesOf(LabelSet labels)
    {
        var elements = new JsonArray();
        foreach (var device in labels.Devices)
        {
            var attributes = new JsonObject();
            foreach (var (name, value) in device.Attributes)
                attributes[name] = value;

            elements.Add((JsonNode)new JsonObject { ["attributes"] = attributes });
        }

        var instances = new JsonObject { [DeviceFeatureName] = new JsonObject { ["elements"] = elements } };
        return new JsonObject { ["instances"] = instances };
    }
}
