using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Who has left a label on the Node, or still gives it.</summary>
internal static class LeftLabel
{
    private const string Remedy =
        "See whether the agent runs and what it logs; where it is not to run any more, take them away ('label --cleanup').";

    public static LabelReason Explain(string key, ClusterNode node, ClusterFacts facts)
    {
        if (node.Labelled.IsOwn(key))
            return new(FindingLevel.Problem, "We put them there, and have not taken them away since.", Remedy);
        if (facts.Files.LineOf(key) is not null)
            return new(FindingLevel.Problem, $"Our feature file '{facts.Files.Own!.Name}' still has them.",
                Remedy);
        if (facts.OwnNodeFeatures.FirstOrDefault(feature => feature.Labels.ContainsKey(key)) is { } own)
            return new(FindingLevel.Problem, $"Our NodeFeature '{own.Namespace}/{own.Name}' still has them.",
                Remedy);
        if (facts.Files.Others.FirstOrDefault(file =>
            file.Lines.Any(line => line.Outcome == NfdOutcome.Label && line.Key == key)) is { } file)
            return new(FindingLevel.Warning, $"The feature file '{file.Name}' of another program gives them.",
                $"Remove '{Path.Combine(facts.Context.Folders.Features, file.Name)}' if its program is gone.");
        if (facts.NodeFeatures?.FirstOrDefault(feature =>
            feature.WorkerVersion is null && feature.Labels.ContainsKey(key)) is { } feature)
            return new(FindingLevel.Warning, $"NodeFeature '{feature.Namespace}/{feature.Name}' of another program gives them.",
                "Delete it if its program is gone.");
        if (node.Labelled.IsOfNfd(key))
            return new(FindingLevel.Warning, "NFD gave them, of a source that is gone or cannot be seen from here.",
                "Run doctor again in two minutes: NFD takes away what it no longer finds.");

        var manager = FieldManagers.Of(key, node) is [var name, ..]
            ? $"The field manager '{name}' has set them."
            : "Nobody knows who has set them.";
        return new(FindingLevel.Warning, $"{manager} An earlier tool may have left them.",
            $"If nothing selects by them, remove them: kubectl label node {node.Name} KEY-");
    }
}
