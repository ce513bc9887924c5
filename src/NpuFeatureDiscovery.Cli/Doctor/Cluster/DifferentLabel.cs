using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Why a label has another value on the Node.</summary>
internal static class DifferentLabel
{
    public static LabelReason Explain(Label label, ClusterNode node, ClusterFacts facts)
    {
        var value = node.ValueOf(label.Key)!;
        if (FieldManagers.Of(label.Key, node) is [var manager, ..])
            return new(FindingLevel.Problem, $"The field manager '{manager}' has set them.",
                $"Remove them (kubectl label node {node.Name} KEY-): then they are published again. "
                + "Or take them over ('label --force-conflicts').");
        if (facts.Published.Any(published => published.Key == label.Key && published.Value == value))
            return new(FindingLevel.Problem, "What is published still says so, not what the cards say now.",
                "See whether the agent runs and what it logs.");
        if (OtherFile(label.Key, value, facts) is { } file)
            return new(FindingLevel.Problem, $"The feature file '{file}' says so, and counts.",
                $"Remove '{Path.Combine(facts.Context.Folders.Features, file)}' if its program is gone, or stop that program.");
        if (OtherObject(label.Key, value, facts) is { } feature)
            return new(FindingLevel.Problem, $"NodeFeature '{feature}' says so, and counts.",
                "Delete it if its program is gone, or stop that program.");
        if (!node.Labelled.IsOfNfd(label.Key))
            return new(FindingLevel.Problem, "Nobody knows who has set them: the API server names no field manager.",
                $"Remove them (kubectl label node {node.Name} KEY-): then they are published again.");

        return facts.Context.TimeProvider.GetUtcNow() - facts.Files.WrittenAt < MissingLabel.Settling
            ? new(FindingLevel.Warning,
                "The feature file is new, and NFD may not have read it: it does every 60 s by its default.",
                "Run doctor again in two minutes.")
            : new(FindingLevel.Problem,
                $"{facts.Nfd} gives them, by a NodeFeatureRule or by a source that cannot be seen from here.",
                "See 'kubectl get nodefeaturerules -o yaml' and what nfd-worker logs.");
    }

    private static string? OtherFile(string key, string value, ClusterFacts facts) => facts.Files.Others
        .FirstOrDefault(file =>
            file.Lines.Any(line => line.Outcome == NfdOutcome.Label && line.Key == key && line.Value == value))?.Name;

    private static string? OtherObject(string key, string value, ClusterFacts facts)
    {
        foreach (var feature in facts.NodeFeatures ?? [])
        {
            if (feature.WorkerVersion is null && feature.Labels.GetValueOrDefault(key) == value)
                return $"{feature.Namespace}/{feature.Name}";
        }

        return null;
    }
}
