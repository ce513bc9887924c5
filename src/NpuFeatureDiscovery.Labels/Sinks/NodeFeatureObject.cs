using System.Text.Json;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>A NodeFeature object as the API server tells it: nfd-worker's, this project's or another producer's.</summary>
public sealed class NodeFeatureObject
{
    private readonly JsonElement _content;

    /// <param name="content">The object, as the API server answers it; what is missing there is empty here.</param>
    public NodeFeatureObject(JsonElement content)
    {
        _content = content;
        var metadata = content.Member("metadata") ?? default;
        Name = metadata.Text("name") ?? "";
        Namespace = metadata.Text("namespace") ?? "";
        WorkerVersion = metadata.Texts("annotations").GetValueOrDefault(NodeFeatureContent.WorkerVersion);
        HasOwner = metadata.Items("ownerReferences").Any();
        Labels = content.Member("spec")?.Texts("labels") ?? [];
    }

    /// <summary>The object's name.</summary>
    public string Name { get; }

    /// <summary>The object's namespace.</summary>
    public string Namespace { get; }

    /// <summary>The version of the nfd-worker that made the object; <see langword="null"/> where another program did.</summary>
    public string? WorkerVersion { get; }

    /// <summary>Whether the object goes with another one, as a DaemonSet.</summary>
    public bool HasOwner { get; }

    /// <summary>The labels that nfd-master is to give the Node.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>The name of the object that <see cref="NodeFeatureSink"/> keeps for a Node.</summary>
    public static string NameFor(string nodeName) => $"{NodeState.FieldManager}-for-{nodeName}";

    /// <summary>The label selector of all objects of a Node: NFD knows the Node by this label alone.</summary>
    public static string SelectorFor(string nodeName) => $"{NodeFeatureContent.NodeNameLabel}={nodeName}";

    /// <summary>Whether the object tells NodeFeatureRules of just the cards that a set of labels was made of.</summary>
    public bool HoldsCards(LabelSet labels) => NodeFeatureContent.HasCards(_content, labels);
}
