using System.Globalization;
using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>A series and its value at one moment.</summary>
internal sealed record PrometheusSample(IReadOnlyDictionary<string, string> Labels, double Value)
{
    public static PrometheusSample Of(JsonNode sample) => new(
        sample["metric"]!.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!),
        double.Parse((string)sample["value"]![1]!, CultureInfo.InvariantCulture));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{{{string.Join(", ", Labels.Select(label => $"{label.Key}=\"{label.Value}\""))}}} {Value}");
}
