namespace NpuFeatureDiscovery.Kubernetes;

/// <summary>A kind of objects, as the API server serves it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version of the group: <c>v1</c>.</param>
/// <param name="Plural">The name in paths and in roles: <c>nodes</c>.</param>
/// <param name="Kind">The name in objects: <c>Node</c>.</param>
public sealed record KubernetesResource(string Group, string Version, string Plural, string Kind)
{
    /// <summary>Nodes.</summary>
    public static KubernetesResource Nodes { get; } = new("", "v1", "nodes", "Node");

    /// <summary>Pods.</summary>
    public static KubernetesResource Pods { get; } = new("", "v1", "pods", "Pod");

    /// <summary>Events, of the core group.</summary>
    public static KubernetesResource Events { get; } = new("", "v1", "events", "Event");

    /// <summary>Group and version as objects name them: <c>v1</c>, <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    internal string ApiPath => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    /// <summary>Names one object of the kind.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="namespace">The object's namespace; <see langword="null"/> where the kind has none.</param>
    /// <exception cref="ArgumentException">A name is empty, or would lead to something else than an object of that name.</exception>
    public KubernetesObjectName Named(string name, string? @namespace = null)
    {
        Check(name);
        if (@namespace is not null)
            Check(@namespace);

        return new(this, name, @namespace);
    }

    /// <summary>
    /// By the rule of the API server for every kind (IsValidPathSegmentName). Escaped or not, it takes a '/' for the end of the name,
    /// and clients and proxies take '..' for the way up.
    /// </summary>
    internal static void Check(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '%'))
            throw new ArgumentException(
                $"'{name}' is no name of an object: it may be neither '.' nor '..', and hold no '/' and no '%'.");
    }
}
