namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Node Feature Discovery: whether it labels this Node, its version, and how it gets features.</summary>
internal sealed class NfdCheck : IClusterCheck
{
    public const string Name = "nfd";

    public IEnumerable<Finding> Judge(ClusterFacts facts)
    {
        if (facts.Node is not { } node)
            yield break;

        var nfd = facts.Nfd;
        if (nfd.IsHere != true)
        {
            yield return OfNone(facts, node);
            yield break;
        }

        yield return !node.Labelled.HasNfd
            ? new Finding(FindingLevel.Problem, Name, $"{nfd} is on {node}, and nfd-master has given the Node no label.",
                "The Node has no annotation feature-labels.", "See whether nfd-master runs and what it logs.")
            : nfd.VersionText is null
            ? new Finding(FindingLevel.Ok, Name, $"{nfd} labels {node}; its version is not told.",
                $"{Ways(nfd)} A feature file is judged as NFD {nfd.Version} reads it.")
            : nfd.IsVersionKnown
            ? new Finding(FindingLevel.Ok, Name, $"{nfd} labels {node}.", Ways(nfd))
            : new Finding(FindingLevel.Warning, Name, $"{nfd} labels {node}, a version that is not known here.",
                $"{Ways(nfd)} A feature file is judged as NFD {nfd.Version} reads it.", "Update this program.");

        if (nfd.Worker is { IsReady: false } worker)
            yield return new Finding(FindingLevel.Problem, Name, $"nfd-worker, {worker}, is not ready.",
                worker.Waiting ?? worker.Message, $"kubectl describe pod -n {worker.Namespace} {worker.Name}");
    }

    private static Finding OfNone(ClusterFacts facts, ClusterNode node) =>
        facts.Files.Own is { Labels: var labels } own && labels.Any()
            && !facts.Published.Any(label => node.Labelled.IsOwn(label.Key))
            ? new Finding(FindingLevel.Problem, Name,
                $"No Node Feature Discovery labels {node}, so nobody reads the feature file '{own.Name}'.",
                "The Node has none of its annotations.",
                "Install NFD, or publish the labels on the Node itself ('label --output node', or 'auto').")
            : new Finding(FindingLevel.Ok, Name, $"No Node Feature Discovery labels {node}.",
                "Labels are put on the Node itself then ('label --output node', or 'auto').");

    private static string Ways(NfdPresence nfd) => nfd.ReadsNodeFeatures
        ? $"nfd-worker publishes a NodeFeature object in '{nfd.Namespace}': feature files and NodeFeature objects are read."
        : nfd.WorkerKeys is not null
        ? "It reads NodeFeature objects only if it is told to ('-enable-nodefeature-api'); feature files are read."
        : "No NodeFeature object of its nfd-worker is seen: feature files are read.";
}
