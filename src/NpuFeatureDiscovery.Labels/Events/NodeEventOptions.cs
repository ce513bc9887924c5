namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>What Kubernetes Events are written of.</summary>
public sealed class NodeEventOptions
{
    /// <summary>The Node's name.</summary>
    /// <value>Required.</value>
    public string NodeName { get; set; } = "";
}
