using System.Globalization;
using System.Text.Json;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What a Pod asks of a label of its Node, or of the Node's name.</summary>
/// <remarks>https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#operators</remarks>
internal sealed record NodeRequirement(string Key, string Operator, IReadOnlyList<string> Values, bool IsField)
{
    public static NodeRequirement Of(JsonElement expression, bool isField)
    {
        var values = new List<string>();
        foreach (var value in expression.Items("values"))
            values.Add(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());

        return new NodeRequirement(expression.Text("key") ?? "", expression.Text("operator") ?? "", values, isField);
    }

    public bool IsMetBy(ClusterNode node)
    {
        var value = ValueOn(node);
        return Operator switch
        {
            "In" => value is not null && Values.Contains(value),
            "NotIn" => value is null || !Values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => Compare(value) > 0,
            "Lt" => Compare(value) < 0,
            _ => true,
        };
    }

    public string? ValueOn(ClusterNode node) => IsField ? node.Name : node.ValueOf(Key);

    public override string ToString() => Operator switch
    {
        "In" when Values is [var only] => $"{Key}={only}",
        "Exists" => Key,
        "DoesNotExist" => $"!{Key}",
        _ => $"{Key} {Operator} ({string.Join(", ", Values)})",
    };

    private int? Compare(string? value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && Values is [var text]
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)
            ? number.CompareTo(limit)
            : null;
}
