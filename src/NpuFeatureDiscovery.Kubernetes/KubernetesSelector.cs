namespace NpuFeatureDiscovery.Kubernetes;

/// <summary>Which objects of a kind are listed; without a word all of them.</summary>
public sealed record KubernetesSelector
{
    /// <summary>The namespace.</summary>
    /// <value>Default: <see langword="null"/>, every namespace, or a kind that has none.</value>
    public string? Namespace { get; init; }

    /// <summary>What their labels are: <c>app=web,tier!=cache</c>.</summary>
    /// <value>Default: <see langword="null"/>, whatever.</value>
    public string? Labels { get; init; }

    /// <summary>What some of their fields are; which, depends on the kind: <c>spec.nodeName=node-1,status.phase!=Failed</c>.</summary>
    /// <value>Default: <see langword="null"/>, whatever.</value>
    public string? Fields { get; init; }

    internal string Query => Parameter("labelSelector", Labels) + Parameter("fieldSelector", Fields);

    /// <exception cref="ArgumentException">The namespace is no name.</exception>
    internal string PathOf(KubernetesResource resource)
    {
        if (Namespace is not null)
            KubernetesResource.Check(Namespace);

        return resource.ApiPath + (Namespace is null ? "" : $"/namespaces/{Uri.EscapeDataString(Namespace)}") + $"/{resource.Plural}";
    }

    private static string Parameter(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
