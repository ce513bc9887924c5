using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>Makes Nodes that no machine stands behind.</summary>
public static class TestNode
{
    /// <summary>Makes one, with a taint that keeps the pods of a real cluster's DaemonSets from it.</summary>
    public static Task<JsonElement> CreateAsync(
        KubernetesClient admin, KubernetesObjectName node, CancellationToken cancellationToken, JsonObject? metadata = null) =>
        admin.ApplyAsync(
            node,
            new JsonObject
            {
                ["metadata"] = metadata ?? [],
                ["spec"] = new JsonObject
                {
                    ["taints"] = new JsonArray(new JsonObject { ["key"] = "npu-feature-discovery-test", ["effect"] = "NoSchedule" }),
                },
            },
            "setup", false, cancellationToken);
}
