using System.Globalization;
using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Workloads;

/// <summary>What a Pod asks of a label of its node, in a nodeSelector or an affinity.</summary>
internal sealed record NodeRequirement(string Key, string Operator, string[] Values)
{
    /// <summary>The alternatives of a Pod: a node is right for it that meets all requirements of one of them.</summary>
    public static NodeRequirement[][] Of(YamlNode pod)
    {
        var selector = pod.At("nodeSelector").Texts().Select(pair => new NodeRequirement(pair.Key, "In", [pair.Value])).ToArray();
        var affinity = pod.At("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
        var terms = affinity.At("nodeSelectorTerms").Items()
            .Select(term => term.At("matchExpressions").Items().Select(Read)).ToArray();
        return terms.Length == 0 ? [selector] : [.. terms.Select(term => (NodeRequirement[])[.. selector, .. term])];
    }

    /// <summary>As the scheduler decides it.</summary>
    public bool IsMetBy(IReadOnlyDictionary<string, string> labels)
    {
        var value = labels.GetValueOrDefault(Key);
        return Operator switch
        {
            "In" => Values.Contains(value),
            "NotIn" => !Values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => Number(value) > Number(Values.Single()),
            "Lt" => Number(value) < Number(Values.Single()),
            _ => throw new InvalidOperationException($"A node affinity has no operator '{Operator}'."),
        };
    }

    private static NodeRequirement Read(YamlNode expression) => new(
        (string)expression["key"]!,
        (string)expression["operator"]!,
        [.. expression.At("values").Items().Select(value => (string)value!)]);

    private static long? Number(string? text) =>
        long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
}
