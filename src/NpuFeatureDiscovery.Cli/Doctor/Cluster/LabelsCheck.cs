using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>The labels on the Node against those that the cards give, and those that nobody wants any more.</summary>
internal sealed class LabelsCheck : IClusterCheck
{
    public const string Name = "labels";

    public IEnumerable<Finding> Judge(ClusterFacts facts)
    {
        if (facts.Node is not { } node || facts.Wanted is not { } wanted)
            yield break;

        var missing = wanted.Labels.Where(label => node.ValueOf(label.Key) is null).ToArray();
        foreach (var group in missing.GroupBy(label => MissingLabel.Explain(label, node, facts)))
            yield return new Finding(group.Key.Level, Name,
                $"{node} lacks {Amount.Of(group.Count(), "label")} of {wanted.Labels.Count}: "
                + $"{NameList.Of(group.Select(label => label.Key))}.",
                group.Key.Why, group.Key.Remedy);

        var different = wanted.Labels.Where(label => node.ValueOf(label.Key) is { } value && value != label.Value).ToArray();
        foreach (var group in different.GroupBy(label => DifferentLabel.Explain(label, node, facts)))
            yield return new Finding(group.Key.Level, Name,
                $"{node} has other values of {Amount.Of(group.Count(), "label")}: "
                + $"{NameList.Of(group.Select(label => Compare(label, node)))}.",
                group.Key.Why, group.Key.Remedy);

        if (wanted.Labels.Count > 0 && missing.Length + different.Length == 0)
            yield return new Finding(FindingLevel.Ok, Name, $"All {wanted.Labels.Count} labels are in force on {node}.");

        foreach (var group in LeftLabels(node, wanted).GroupBy(key => LeftLabel.Explain(key, node, facts)))
            yield return new Finding(group.Key.Level, Name,
                $"{node} has {Amount.Of(group.Count(), "label")} that its cards do not give: "
                + $"{NameList.Of(group.Select(key => $"{key}={node.ValueOf(key)}"))}.",
                group.Key.Why, group.Key.Remedy);
    }

    private static IEnumerable<string> LeftLabels(ClusterNode node, LabelSet wanted) => node.Labelled.Labels.Keys
        .Where(WantedLabels.IsOfProfile)
        .Except(wanted.Labels.Select(label => label.Key), StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    private static string Compare(Label label, ClusterNode node) =>
        $"{label.Key} is '{node.ValueOf(label.Key)}', not '{label.Value}'";
}
