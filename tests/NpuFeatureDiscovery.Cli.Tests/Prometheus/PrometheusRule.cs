using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>A rule as Prometheus has loaded it.</summary>
/// <param name="Name">The alert, or the series that is recorded.</param>
/// <param name="Expression">What it evaluates.</param>
/// <param name="IsAlert">Whether it is an alert.</param>
/// <param name="Error">Why its last evaluation failed; empty where it did not.</param>
internal sealed record PrometheusRule(string Name, string Expression, bool IsAlert, string Error)
{
    public static PrometheusRule Of(JsonNode rule) =>
        new((string)rule["name"]!, (string)rule["query"]!, (string?)rule["type"] == "alerting", (string?)rule["lastError"] ?? "");
}
