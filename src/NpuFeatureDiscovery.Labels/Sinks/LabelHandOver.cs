using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>
/// Gives up our part in labels without a change to them. To leave out of an apply what Node Feature Discovery has adopted would
/// delete it: NFD wrote nothing where the value was right, so the API server knows the label as ours alone.
/// </summary>
internal static class LabelHandOver
{
    /// <summary>The JSON patch that takes labels out of our entry among the managers of a Node; it fails where the entry has moved.</summary>
    public static JsonArray Operations(NodeState node, string[] keys)
    {
        var entry = $"/metadata/managedFields/{node.OwnEntry}";
        List<JsonNode> operations =
        [
            Operation("test", entry + "/manager", NodeState.FieldManager),
            Operation("test", entry + "/operation", "Apply"),
        ];
        if (keys.Length < node.AppliedKeys.Count)
        {
            foreach (var key in keys)
                operations.Add(Remove($"{entry}/fieldsV1/f:metadata/f:labels/f:{key.Replace("/", "~1", StringComparison.Ordinal)}"));
        }
        else if (node.ManagerCount > 1)
        {
            operations.Add(Remove(entry));
        }
        else
        {
            // An API server may take an empty list for an oversight:
            // https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
            operations.Add(Operation("replace", "/metadata/managedFields", new JsonArray(new JsonObject())));
        }

        return new JsonArray([.. operations]);
    }

    private static JsonObject Remove(string path) => new JsonObject { ["op"] = "remove", ["path"] = path };

    private static JsonObject Operation(string name, string path, JsonNode value) =>
        new JsonObject { ["op"] = name, ["path"] = path, ["value"] = value };
}
