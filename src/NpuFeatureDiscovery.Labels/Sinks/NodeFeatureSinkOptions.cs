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
}
