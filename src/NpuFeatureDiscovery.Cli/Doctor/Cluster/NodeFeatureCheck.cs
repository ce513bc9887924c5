using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Our NodeFeature object: where it is, whose, and whether it says what the cards say.</summary>
internal sealed class NodeFeatureCheck : IClusterCheck
{
    public const string Name = "node-feature";

    public IEnumerable<Finding> Judge(ClusterFacts facts)
    {
        var own = facts.OwnNodeFeatures;
        if (own.Count == 0)
            yield break;

        if (own.Count > 1)
            yield return new Finding(FindingLevel.Problem, Name,
                $"There are {own.Count} NodeFeature objects '{own[0].Name}', in "
                + $"{NameList.Of(own.Select(feature => feature.Namespace))}.",
                "nfd-master merges them all: labels of an old one count, and cards are there twice.",
                "Delete all but the one of the agent that runs (kubectl delete nodefeature -n NAMESPACE NAME).");

        foreach (var feature in own)
        {
            foreach (var finding in Judge(feature, facts))
                yield return finding;
        }
    }

    private static IEnumerable<Finding> Judge(NodeFeatureObject feature, ClusterFacts facts)
    {
        var name = $"NodeFeature '{feature.Namespace}/{feature.Name}'";
        if (facts.Nfd is { IsHere: true, ReadsNodeFeatures: false, IsVersionKnown: true })
            yield return new Finding(FindingLevel.Problem, Name, $"{facts.Nfd} does not read {name} unless it is told to.",
                "NodeFeature objects are read from 0.14 on.", "Update NFD, or publish a feature file ('label --output file').");

        if (!feature.HasOwner)
            yield return new Finding(FindingLevel.Warning, Name, $"{name} has no owner.",
                "It stays, with its labels, when the agent is uninstalled.",
                "Give the agent POD_NAME and the verb get on pods, as deploy/ does; or run 'label --cleanup' at the end.");

        if (facts.Wanted is { } wanted && !feature.HoldsCards(wanted))
            yield return new Finding(FindingLevel.Problem, Name, $"{name} tells NodeFeatureRules of other cards than the host's.",
                "Its instances furiosa.device are old.", "See whether the agent runs and what it logs.");

        var old = new List<string>();
        foreach (var label in facts.Wanted?.Labels ?? [])
        {
            if (feature.Labels.GetValueOrDefault(label.Key) != label.Value)
                old.Add(label.Key);
        }

        if (old.Count > 0)
            yield return new Finding(FindingLevel.Problem, Name,
                $"{name} says something else than the cards: {NameList.Of(old)}.",
                "The agent does not run, or may not write.", "See whether the agent runs and what it logs.");
        else
            yield return new Finding(FindingLevel.Ok, Name, $"{name} holds {Amount.Of(feature.Labels.Count, "label")}.");
    }
}
