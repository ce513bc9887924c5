using System.Text.Json;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>A term of a Pod's required node affinity, whose requirements a Node has to meet all.</summary>
internal sealed record NodeTerm(IReadOnlyList<NodeRequirement> Requirements)
{
    public static IReadOnlyList<NodeTerm> Of(JsonElement podSpec)
    {
        var affinity = podSpec.Member("affinity")?.Member("nodeAffinity");
        var required = affinity?.Member("requiredDuringSchedulingIgnoredDuringExecution");
        var terms = new List<NodeTerm>();
        foreach (var term in required?.Items("nodeSelectorTerms") ?? [])
        {
            var requirements = new List<NodeRequirement>();
            foreach (var expression in term.Items("matchExpressions"))
                requirements.Add(NodeRequirement.Of(expression, isField: false));
            foreach (var field in term.Items("matchFields"))
                requirements.Add(NodeRequirement.Of(field, isField: true));

            terms.Add(new NodeTerm(requirements));
        }

        return terms;
    }

    /// <summary>What the Node does not meet.</summary>
    public IEnumerable<NodeRequirement> UnmetBy(ClusterNode node) =>
        Requirements.Where(requirement => !requirement.IsMetBy(node));
}
