namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What Pods ask for on this Node, against what it offers and what the kubelet has given.</summary>
internal sealed class RequestsCheck : IClusterCheck
{
    public const string Name = "requests";

    public IEnumerable<Finding> Judge(ClusterFacts facts)
    {
        if (facts.Node is not { } node || facts.Pods is not { } pods)
            yield break;

        var requested = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var pod in pods.Where(pod => !pod.IsOver))
            Quantities.Add(requested, pod.Requests);

        var isWell = true;
        foreach (var resource in node.Capacity.Keys.Union(requested.Keys).Order(StringComparer.Ordinal))
        {
            foreach (var finding in Judge(resource, requested.GetValueOrDefault(resource), facts, node))
            {
                isWell = false;
                yield return finding;
            }
        }

        foreach (var pod in pods.Where(pod => pod is { Phase: "Failed", Reason: "UnexpectedAdmissionError", Requests.Count: > 0 }))
            yield return new Finding(FindingLevel.Problem, Name, $"{pod} was given to {node}, and its kubelet refused it.",
                pod.Message, "Its cards had gone or become unhealthy: see the resources above, then create the Pod anew.");

        if (isWell && requested.Values.Sum() > 0)
            yield return new Finding(FindingLevel.Ok, Name, $"Pods on {node} ask for {Quantities.Describe(requested)}.");
    }

    private static IEnumerable<Finding> Judge(string resource, long requested, ClusterFacts facts, ClusterNode node)
    {
        var allocatable = node.Allocatable.GetValueOrDefault(resource);
        if (requested > allocatable)
            yield return new Finding(FindingLevel.Warning, Name,
                $"Pods ask for {requested} {resource}, of which {node} offers {allocatable}.",
                "They were admitted before: some of them hold cards that are unhealthy or gone now.",
                "See which cards are unhealthy, and delete the Pods that hold them.");

        if (facts.Allocations is not { } allocations)
            yield break;

        var held = allocations.Count(allocation => allocation.Resource == resource);
        if (held > requested)
            yield return new Finding(FindingLevel.Problem, Name,
                $"The kubelet holds {held} {resource} as given, and Pods of {node} ask for {requested}.",
                $"The scheduler counts {Math.Max(0, allocatable - requested)} as free, and the kubelet only "
                + $"{Math.Max(0, allocatable - held)}: some belong to Pods that are gone (kubernetes/kubernetes#130145).",
                "Run doctor again in a minute; if it stays, restart the kubelet.");

        var running = RunningRequests(resource, facts.Pods!);
        if (held < running)
            yield return new Finding(FindingLevel.Warning, Name,
                $"Running Pods of {node} ask for {running} {resource}, and the kubelet tells of {held} as given.",
                "The kubelet has lost its record of them, and may give their cards again.",
                "Create those Pods anew.");
    }

    private static long RunningRequests(string resource, IReadOnlyList<ClusterPod> pods)
    {
        var running = 0L;
        foreach (var pod in pods)
            running += pod.Phase == "Running" ? pod.Requests.GetValueOrDefault(resource) : 0;

        return running;
    }
}
