namespace NpuFeatureDiscovery.Kubernetes;

/// <summary>Names one object of the API server; made by <see cref="KubernetesResource.Named"/>.</summary>
public sealed record KubernetesObjectName
{
    internal KubernetesObjectName(KubernetesResource resource, string name, string? @namespace) =>
        (Resource, Name, Namespace) = (resource, name, @namespace);

    /// <summary>The object's kind.</summary>
    public KubernetesResource Resource { get; }

    /// <summary>The object's name.</summary>
    public string Name { get; }

    /// <summary>The object's namespace; <see langword="null"/> where its kind has none.</summary>
    public string? Namespace { get; }

    internal string Path => Resource.ApiPath
        + (Namespace is null ? "" : $"/namespaces/{Uri.EscapeDataString(Namespace)}")
        + $"/{Resource.Plural}/{Uri.EscapeDataString(Name)}";

    /// <summary>For people: <c>Node 'node-1'</c>, <c>Pod 'default/web'</c>.</summary>
    public override string ToString() => $"{Resource.Kind} '{(Namespace is null ? "" : Namespace + "/")}{Name}'";
}
