using System.Globalization;
using System.Text.Json;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>A Node as the API server tells it.</summary>
internal sealed class ClusterNode
{
    /// <param name="node">What the API server answered.</param>
    /// <param name="isNpuResource">Which resources are of interest.</param>
    /// <exception cref="KubernetesException">It is no Node.</exception>
    public ClusterNode(JsonElement node, Func<string, bool> isNpuResource)
    {
        Labelled = new LabelledNode(node);
        Name = node.Member("metadata")?.Text("name") ?? "";
        var spec = node.Member("spec") ?? default;
        IsCordoned = spec.Member("unschedulable") is { ValueKind: JsonValueKind.True };
        foreach (var taint in spec.Items("taints"))
            Taints.Add(new Taint(taint.Text("key") ?? "", taint.Text("value") ?? "", taint.Text("effect") ?? ""));

        var status = node.Member("status") ?? default;
        KubeletVersion = status.Member("nodeInfo")?.Text("kubeletVersion");
        Capacity = Quantities.Of(status, "capacity", isNpuResource);
        Allocatable = Quantities.Of(status, "allocatable", isNpuResource);
        foreach (var condition in status.Items("conditions"))
        {
            if (condition.Text("type") == "Ready" && condition.Text("status") != "True")
                NotReady = $"{condition.Text("reason")}: {condition.Text("message")}";
        }
    }

    public string Name { get; }

    public LabelledNode Labelled { get; }

    public string? KubeletVersion { get; }

    /// <summary>How many of each NPU resource the kubelet has counted.</summary>
    public Dictionary<string, long> Capacity { get; }

    /// <summary>How many of these Pods can have.</summary>
    public Dictionary<string, long> Allocatable { get; }

    public List<Taint> Taints { get; } = [];

    public bool IsCordoned { get; }

    /// <summary>Why the Node is not ready; null where it is.</summary>
    public string? NotReady { get; }

    public string? ValueOf(string label) => Labelled.Labels.GetValueOrDefault(label);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Node '{Name}'");
}
