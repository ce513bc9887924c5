using System.Text.Json;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>The labels of a Node as the API server tells them, and whose they are.</summary>
public sealed class LabelledNode
{
    private readonly NodeState _state;

    /// <param name="node">The Node, as the API server answers it.</param>
    /// <exception cref="KubernetesException">It is no Node.</exception>
    public LabelledNode(JsonElement node) => _state = new NodeState(node);

    /// <summary>All labels.</summary>
    public IReadOnlyDictionary<string, string> Labels => _state.Labels;

    /// <summary>Whether Node Feature Discovery labels the Node, by its annotation <c>feature-labels</c>.</summary>
    public bool HasNfd => _state.HasNfd;

    /// <summary>The version of nfd-worker, else of nfd-master; <see langword="null"/> from NFD 0.15 on, where the Node does not tell it.</summary>
    public string? NfdVersion => _state.NfdVersion;

    /// <summary>Whether a label is one that NFD gives the Node, and takes away.</summary>
    public bool IsOfNfd(string key) => _state.IsOfNfd(key);

    /// <summary>Whether a label is one that this project's <see cref="NodeSink"/> applied, and that nobody has changed since.</summary>
    public bool IsOwn(string key) => _state.AppliedKeys.Contains(key);

    /// <summary>The field managers that have set a label, but for this project's own.</summary>
    public IReadOnlyList<string> OthersWith(string key) => [.. _state.OthersWith(key)];
}
