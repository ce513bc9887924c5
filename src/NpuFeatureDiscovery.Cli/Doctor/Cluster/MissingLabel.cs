using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Why a label is not on the Node.</summary>
internal static class MissingLabel
{
    /// <summary>Two scans of nfd-worker, by its default: until then a new file may well not be read.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    private const int FirstMinorToWatch = 19;

    public static LabelReason Explain(Label label, ClusterNode node, ClusterFacts facts)
    {
        if (facts.Published.All(published => published.Key != label.Key))
            return new(FindingLevel.Problem,
                "Nothing publishes them from here: neither our feature file, nor our NodeFeature object, nor the Node.",
                "See whether the agent runs on this Node and what it logs.");
        if (facts.Nfd.IsHere == false)
            return new(FindingLevel.Problem, "They are published for Node Feature Discovery, and none is on this Node.",
                "Install NFD, or publish the labels on the Node itself ('label --output node', or 'auto').");

        return facts.Files.LineOf(label.Key) is { } line ? OfFile(label, line, node, facts) : OfObject(label, facts);
    }

    private static LabelReason OfFile(Label label, NfdLine line, ClusterNode node, ClusterFacts facts)
    {
        var file = facts.Files.Own!;
        if (file.State != NfdFileState.Read)
            return new(FindingLevel.Problem, $"{facts.Nfd} does not read '{file.Name}': {file.Reason}", null);
        if (line.IsLost)
            return new(FindingLevel.Problem, $"{facts.Nfd} makes no label of their lines in '{file.Name}': {line.Reason}", null);
        if (facts.Context.TimeProvider.GetUtcNow() - facts.Files.WrittenAt < Settling)
            return NotYet(facts);

        return facts.Nfd.WorkerKeys is { } published ? OfWorker(label, published, facts) : OfMaster(label, node, facts);
    }

    private static LabelReason NotYet(ClusterFacts facts) => new(
        FindingLevel.Warning,
        $"'{facts.Files.Own!.Name}' is new, and NFD reads its folder every 60 s by its default (core.sleepInterval)."
        + (facts.Nfd is { IsVersionKnown: true, Version.Minor: >= FirstMinorToWatch }
            ? " The watch of NFD 0.19 misses some changes."
            : ""),
        "Run doctor again in two minutes.");

    private static LabelReason OfWorker(Label label, IReadOnlySet<string> published, ClusterFacts facts) =>
        published.Contains(label.Key)
        ? Denied(label, facts)
        : new(FindingLevel.Problem,
            "nfd-worker does not publish what the file says: it reads another folder, or not this one any more.",
            "See that nfd-worker mounts the folder of feature files, that its settings core.labelSources and core.featureSources "
            + "hold 'local', and that core.labelWhiteList lets these names pass.");

    /// <summary>All that is seen of an NFD without objects is what it lets pass.</summary>
    private static LabelReason OfMaster(Label label, ClusterNode node, ClusterFacts facts) =>
        node.Labelled.Labels.Keys.Any(key => node.Labelled.IsOfNfd(key) && key.Split('/')[0] == label.Key.Split('/')[0])
            ? new(FindingLevel.Problem,
                $"{facts.Nfd} gives other labels of that namespace, so it leaves these out by a setting.",
                "See the settings labelWhiteList of nfd-master and core.labelWhiteList of nfd-worker.")
            : Denied(label, facts);

    private static LabelReason OfObject(Label label, ClusterFacts facts) => facts.Nfd.ReadsNodeFeatures
        ? Denied(label, facts)
        : new(FindingLevel.Problem, $"They are in a NodeFeature object, and {facts.Nfd} reads none as far as can be seen.",
            "Publish a feature file ('label --output file', or 'auto').");

    private static LabelReason Denied(Label label, ClusterFacts facts)
    {
        var name = label.Key.Split('/')[0];
        return new(FindingLevel.Problem,
            $"{facts.Nfd} gives the Node no label of the namespace '{name}': its nfd-master seems to deny it.",
            $"Take '{name}' out of nfd-master's setting denyLabelNs (-deny-label-ns), or put it into extraLabelNs "
            + "(-extra-label-ns). If it is in neither, see what nfd-master and nfd-worker log.");
    }
}
