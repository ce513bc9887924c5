using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>A dashboard of <c>samples/grafana</c>.</summary>
internal sealed partial class Dashboard(JsonNode json)
{
    public JsonNode Json => json;

    public IReadOnlyList<JsonNode> Panels { get; } = [.. json["panels"]!.AsArray().Select(panel => panel!)];

    public IReadOnlyList<JsonNode> Targets { get; } =
        [.. json["panels"]!.AsArray().SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => target!)];

    /// <summary>By name, with the label and the series whose values are offered; null for the data source.</summary>
    public IReadOnlyDictionary<string, (string Label, string Selector)?> Variables { get; } =
        json["templating"]!["list"]!.AsArray().ToDictionary(variable => (string)variable!["name"]!, variable => Query(variable!));

    public static Dashboard Read(string name) =>
        new(JsonNode.Parse(File.ReadAllText(Repository.At($"samples/grafana/{name}.json")))!);

    /// <summary>Puts in what Grafana does while all is chosen and the last minutes are shown.</summary>
    public static string Fill(string expression) => Chosen().Replace(
        expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$__range", "5m", StringComparison.Ordinal), ".*");

    private static (string Label, string Selector)? Query(JsonNode variable)
    {
        if ((string?)variable["type"] == "datasource")
            return null;

        var match = LabelValues().Match((string)variable["query"]!["query"]!);
        return (match.Groups[2].Value, match.Groups[1].Value);
    }

    [GeneratedRegex(@"^label_values\((.+), (\w+)\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Chosen();
}
