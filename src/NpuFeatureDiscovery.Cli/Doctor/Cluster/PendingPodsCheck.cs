namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Pods that wait for NPUs, and why this Node does not take them.</summary>
internal sealed class PendingPodsCheck : IClusterCheck
{
    public const string Name = "pending-pods";

    private const int Shown = 10;

    public IEnumerable<Finding> Judge(ClusterFacts facts)
    {
        if (facts.PendingPods is not { } pods || facts.Node is not { } node)
            yield break;

        // A Pod of another Node is that Node's doctor's.
        ClusterPod[] waiting =
            [.. pods.Where(pod => pod.NodeName == node.Name || (pod.NodeName.Length == 0 && !IsBoundElsewhere(pod, node)))];
        foreach (var pod in waiting.Take(Shown))
            yield return pod.NodeName.Length > 0 ? OfStarting(pod, node) : OfUnscheduled(pod, node, facts);

        if (waiting.Length > Shown)
            yield return new Finding(FindingLevel.Warning, Name, $"{waiting.Length - Shown} more Pods wait for NPUs.");
        if (waiting.Length == 0)
            yield return new Finding(FindingLevel.Ok, Name, "No Pod waits for NPUs.");
    }

    private static Finding OfStarting(ClusterPod pod, ClusterNode node) => new(
        FindingLevel.Warning, Name, $"{pod} has got its NPUs on {node}, and does not run yet.",
        pod.Waiting ?? pod.Message, $"kubectl describe pod -n {pod.Namespace} {pod.Name}");

    private static Finding OfUnscheduled(ClusterPod pod, ClusterNode node, ClusterFacts facts)
    {
        var obstacles = Obstacle.Find(pod, node, facts.Pods).ToArray();
        var says = pod.Unscheduled is null ? "The scheduler has said nothing of it yet." : $"The scheduler: {pod.Unscheduled}";
        var here = obstacles.Length == 0
            ? $"Nothing that is seen here keeps it from {node}."
            : string.Join(" ", obstacles.Select(obstacle => obstacle.Why));
        return new Finding(FindingLevel.Warning, Name, $"{pod} waits for {Quantities.Describe(pod.Requests)}.", $"{here} {says}",
            obstacles is [var first, ..] ? first.Remedy : $"kubectl describe pod -n {pod.Namespace} {pod.Name}");
    }

    /// <summary>As the Pods of DaemonSets are, each by its Node's name.</summary>
    private static bool IsBoundElsewhere(ClusterPod pod, ClusterNode node) =>
        pod.Terms.Count > 0 && pod.Terms.All(term => term.UnmetBy(node).Any(requirement => requirement.IsField));
}
