using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What could be read, once for all checks; null is what could not.</summary>
internal sealed record ClusterFacts(DoctorContext Context)
{
    public ClusterNode? Node { get; init; }

    /// <summary>The Pods of this Node, whatever has become of them.</summary>
    public IReadOnlyList<ClusterPod>? Pods { get; init; }

    /// <summary>The Pods of the cluster that ask for NPUs and do not run yet.</summary>
    public IReadOnlyList<ClusterPod>? PendingPods { get; init; }

    /// <summary>The NodeFeature objects of this Node; none where the API server does not serve them.</summary>
    public IReadOnlyList<NodeFeatureObject>? NodeFeatures { get; init; }

    /// <summary>What the kubelet says that containers hold.</summary>
    public IReadOnlyList<Allocation>? Allocations { get; init; }

    public NfdPresence Nfd => field ??= NfdPresence.Of(this);

    public FeatureFolder Files => field ??= FeatureFolder.Load(Context, Nfd);

    /// <summary>Our NodeFeature objects: one, unless an earlier installation left another.</summary>
    public IReadOnlyList<NodeFeatureObject> OwnNodeFeatures =>
        [.. (NodeFeatures ?? []).Where(feature => feature.Name == NodeFeatureObject.NameFor(Context.NodeName))];

    /// <summary>The labels that this node's cards give; null where the cards are not known.</summary>
    public LabelSet? Wanted => field ??= Context.Node is { } host ? WantedLabels.Of(host, Published) : null;

    /// <summary>What we publish, in whatever way.</summary>
    public IReadOnlyList<Label> Published => field ??= [.. PublishedLabels.Of(this)];
}
