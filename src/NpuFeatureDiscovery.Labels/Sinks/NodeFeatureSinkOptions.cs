using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>Of which Node the features are published, and where.</summary>
public sealed class NodeFeatureSinkOptions : NodeSinkOptions
{
    /// <summary>The namespace of the NodeFeature object.</summary>
    /// <value>Default: <see langword="null"/>, the pod's, or the kubeconfig context's.</value>
    public string? Namespace { get; set; }

    /// <summary>
    /// This program's pod, whose DaemonSet becomes the object's owner: with the DaemonSet goes the object. Needs the verb
    /// <c>get</c> on pods; without it the object has no owner.
    /// </summary>
    /// <value>Default: <see langword="null"/>, no owner.</value>
    public string? PodName { get; set; }

    /// <summary>Says why there can be no NodeFeature object; <see langword="null"/> where there can.</summary>
    /// <param name="options">Of which Node, and where.</param>
    /// <param name="configuration">Whose namespace is meant where the options name none.</param>
    public static string? Error(NodeFeatureSinkOptions options, KubernetesConfiguration configuration)
    {
        if (NodeNameError(options.NodeName) is { } error)
            return error;
        if (options.NodeName.Length > Label.MaxLength)
            return $"NFD knows a Node by the value of a label, and the name '{options.NodeName}' is longer than {Label.MaxLength} "
                + "characters. Label that Node itself.";

        return (options.Namespace ?? configuration.Namespace) is null
            ? "There is no namespace for the NodeFeature object: name one."
            : null;
    }
}
