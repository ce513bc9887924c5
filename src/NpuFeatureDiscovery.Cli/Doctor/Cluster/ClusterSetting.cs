using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What the checks of the cluster start from: this node as it is seen from here.</summary>
internal sealed record ClusterSetting
{
    public required string NodeName { get; init; }

    /// <summary>The host's NPUs; null where nothing is known of them.</summary>
    public required NodeSnapshot? Host { get; init; }

    /// <summary>The folder of NFD's feature files.</summary>
    public required string FeaturesFolder { get; init; }

    /// <summary>The name of our file in it.</summary>
    public required string FeatureFileName { get; init; }

    /// <summary>The kubelet's socket that tells which Pods hold what.</summary>
    public required string PodResourcesSocket { get; init; }

    /// <summary>The extended resources of NPUs; one that ends in <c>*</c> stands for all that begin so.</summary>
    public required IReadOnlyList<string> Resources { get; init; }

    /// <summary>The API server; null where there is none.</summary>
    public required KubernetesClient? Client { get; init; }

    /// <summary>Why there is no API server; null where there is one.</summary>
    public string? NoClient { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public bool IsNpuResource(string name) => Resources.Any(resource => resource.EndsWith('*')
        ? name.AsSpan().StartsWith(resource.AsSpan(0, resource.Length - 1), StringComparison.Ordinal)
        : name == resource);
}
