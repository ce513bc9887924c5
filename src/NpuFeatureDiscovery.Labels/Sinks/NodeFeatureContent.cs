using System.Text.Json;
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
    public static bool HasCards(JsonElement found, LabelSet labels)
    {
        using var wanted = JsonDocument.Parse(FeaturesOf(labels).ToJsonString());
        return AreEqual(found.Member("spec")?.Member("features"), wanted.RootElement);
    }

    /// <summary>Whether an object has it all, so that it needs no writing.</summary>
    public static bool IsIn(JsonElement found, JsonObject content)
    {
        using var document = JsonDocument.Parse(content.ToJsonString());
        var wanted = document.RootElement;
        return AreEqual(found.Member("spec"), wanted.Member("spec"))
            && AreEqual(NodeNameOf(found), NodeNameOf(wanted))
            && (wanted.Member("metadata")?.Member("ownerReferences") is not { } owners
                || AreEqual(found.Member("metadata")?.Member("ownerReferences"), owners));
    }

    /// <summary>The DaemonSet among a Pod's owners, to own an object of ours; nobody where there is none.</summary>
    public static JsonArray OwnersOf(JsonElement pod)
    {
        foreach (var owner in pod.Member("metadata")?.Items("ownerReferences") ?? [])
        {
            if (owner.Text("kind") == "DaemonSet")
            {
                // A controller is whom the object is made by and kept by, and to block its deletion takes rights on it.
                return new JsonArray(new JsonObject
                {
                    ["apiVersion"] = owner.Text("apiVersion"),
                    ["kind"] = owner.Text("kind"),
                    ["name"] = owner.Text("name"),
                    ["uid"] = owner.Text("uid"),
                    ["blockOwnerDeletion"] = false,
                });
            }
        }

        return [];
    }

    private static JsonElement? NodeNameOf(JsonElement feature) => feature.Member("metadata")?.Member("labels")?.Member(NodeNameLabel);

    private static bool AreEqual(JsonElement? found, JsonElement? wanted) =>
        found is { } one && wanted is { } other && JsonElement.DeepEquals(one, other);

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
