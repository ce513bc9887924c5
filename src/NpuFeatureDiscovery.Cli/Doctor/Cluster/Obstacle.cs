namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What keeps a Pod from a Node.</summary>
/// <param name="Why">A sentence.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record Obstacle(string Why, string Remedy)
{
    /// <param name="pod">The Pod.</param>
    /// <param name="node">The Node.</param>
    /// <param name="pods">The Pods of the Node; null where they are not known.</param>
    public static IEnumerable<Obstacle> Find(ClusterPod pod, ClusterNode node, IReadOnlyList<ClusterPod>? pods)
    {
        if (node.IsCordoned)
            yield return new($"{node} is cordoned.", $"kubectl uncordon {node.Name}");

        IEnumerable<Obstacle> others =
            [.. OfSelector(pod, node), .. OfTerms(pod, node), .. OfTaints(pod, node), .. OfAmount(pod, node, pods)];
        foreach (var obstacle in others)
            yield return obstacle;
    }

    private static IEnumerable<Obstacle> OfSelector(ClusterPod pod, ClusterNode node)
    {
        foreach (var (key, value) in pod.NodeSelector)
        {
            if (node.ValueOf(key) != value)
                yield return OfLabel($"{key}={value}", node.ValueOf(key), node);
        }
    }

    private static IEnumerable<Obstacle> OfTerms(ClusterPod pod, ClusterNode node)
    {
        if (pod.Terms.Count == 0 || pod.Terms.Any(term => term.Requirements.Count > 0 && !term.UnmetBy(node).Any()))
            yield break;

        if (pod.Terms is not [var only])
        {
            yield return new($"It asks for one of {pod.Terms.Count} terms of node affinity, and {node} meets none.",
                "Compare the terms with 'kubectl get node --show-labels'.");
            yield break;
        }

        foreach (var requirement in only.UnmetBy(node))
            yield return OfLabel(requirement.ToString(), requirement.ValueOn(node), node);
    }

    private static Obstacle OfLabel(string wanted, string? value, ClusterNode node) => new(
        $"It asks for the label {wanted}, and {node} has {(value is null ? "none of that key" : $"'{value}'")}.",
        "If the label is one of ours, see why it is not in force, above; else change the Pod's nodeSelector or affinity.");

    private static IEnumerable<Obstacle> OfTaints(ClusterPod pod, ClusterNode node)
    {
        var untolerated = node.Taints.Where(taint =>
            taint.IsHard && !pod.Tolerations.Exists(toleration => toleration.Covers(taint)));
        foreach (var taint in untolerated)
            yield return new($"{node} has the taint {taint}, which it does not tolerate.",
                "Give the Pod a toleration, or take the taint away.");
    }

    private static IEnumerable<Obstacle> OfAmount(ClusterPod pod, ClusterNode node, IReadOnlyList<ClusterPod>? others)
    {
        foreach (var (resource, wanted) in pod.Requests)
        {
            var allocatable = node.Allocatable.GetValueOrDefault(resource);
            if (!node.Capacity.ContainsKey(resource))
            {
                var offered = node.Capacity.Count == 0 ? "no NPUs" : string.Join(", ", node.Capacity.Keys);
                yield return new($"{node} offers no {resource}, but {offered}.",
                    "Ask for a resource that the Node offers, or have the plugin offer this one (--resource-name).");
            }
            else if (wanted > allocatable)
            {
                yield return new($"It asks for {wanted} {resource}, and {node} never has more than {allocatable} as it is.",
                    "Ask for fewer, or see why the Node offers so few, above.");
            }
            else if (others is not null && Held(resource, others) is var held && wanted > allocatable - held)
            {
                yield return new(
                    $"It asks for {wanted} {resource}, and {node} has {Math.Max(0, allocatable - held)} free of {allocatable}.",
                    "Wait until Pods end that hold some, or add cards.");
            }
        }
    }

    private static long Held(string resource, IReadOnlyList<ClusterPod> pods)
    {
        var held = 0L;
        foreach (var pod in pods)
            held += pod.IsOver ? 0 : pod.Requests.GetValueOrDefault(resource);

        return held;
    }
}
