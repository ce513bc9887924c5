using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Programs and people that write the labels that we write: what holds today depends on who comes last.</summary>
internal sealed class OtherWritersCheck : IClusterCheck
{
    public const string Name = "other-writers";

    public IEnumerable<Finding> Judge(ClusterFacts facts)
    {
        if (facts.Wanted is not { } wanted)
            yield break;

        foreach (var file in facts.Files.Others)
        {
            if (Ours(wanted, key => file.Lines.Any(line => line.Key == key)) is { Count: > 0 } keys)
                yield return new Finding(FindingLevel.Warning, Name,
                    $"The feature file '{file.Name}' has our keys too: {NameList.Of(keys)}.",
                    "NFD reads the files in the order of their names, and the last one counts.",
                    $"Remove '{Path.Combine(facts.Context.Folders.Features, file.Name)}' if its program is gone, or stop it.");
        }

        var others = (facts.NodeFeatures ?? []).Except(facts.OwnNodeFeatures).Where(feature => feature.WorkerVersion is null);
        foreach (var feature in others)
        {
            if (Ours(wanted, feature.Labels.ContainsKey) is { Count: > 0 } keys)
                yield return new Finding(FindingLevel.Warning, Name,
                    $"NodeFeature '{feature.Namespace}/{feature.Name}' has our keys too: {NameList.Of(keys)}.",
                    "nfd-master merges the objects: those of other namespaces than its own count, the last by name.",
                    "Delete it if its program is gone, or stop that program.");
        }

        if (facts.Node is not { } node)
            yield break;

        // What differs on the Node is told with the labels.
        var set = wanted.Labels.Where(label =>
            node.ValueOf(label.Key) == label.Value && FieldManagers.Of(label.Key, node).Count > 0);
        foreach (var group in set.GroupBy(label => FieldManagers.Of(label.Key, node)[0]))
            yield return new Finding(FindingLevel.Warning, Name,
                $"The field manager '{group.Key}' has set labels of ours too: {NameList.Of(group.Select(label => label.Key))}.",
                "The values are equal now; once a card changes, they are refused to us or changed under us.",
                $"Remove them (kubectl label node {node.Name} KEY-): then they are published again, by us alone.");
    }

    private static List<string> Ours(LabelSet wanted, Func<string, bool> isWritten)
    {
        var keys = new List<string>();
        foreach (var label in wanted.Labels)
        {
            if (isWritten(label.Key))
                keys.Add(label.Key);
        }

        return keys;
    }
}
