using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>The labels that this program publishes for the Node, in any of its ways.</summary>
internal static class PublishedLabels
{
    public static IEnumerable<Label> Of(ClusterFacts facts) =>
        OfFile(facts.Files).Concat(OfObjects(facts)).Concat(OfNode(facts.Node));

    private static IEnumerable<Label> OfFile(FeatureFolder files)
    {
        foreach (var line in files.Own?.Lines ?? [])
        {
            if (line.Key is not null && Label.TryCreate(line.Key, line.Value ?? "", out var label, out _))
                yield return label;
        }
    }

    private static IEnumerable<Label> OfObjects(ClusterFacts facts)
    {
        foreach (var feature in facts.OwnNodeFeatures)
        {
            foreach (var (key, value) in feature.Labels)
            {
                if (Label.TryCreate(key, value, out var label, out _))
                    yield return label;
            }
        }
    }

    private static IEnumerable<Label> OfNode(ClusterNode? node)
    {
        foreach (var (key, value) in node?.Labelled.Labels ?? new Dictionary<string, string>())
        {
            if (node!.Labelled.IsOwn(key) && Label.TryCreate(key, value, out var label, out _))
                yield return label;
        }
    }
}
