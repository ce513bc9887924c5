using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Health;

/// <summary>What a probe found, in the order of the checks' names.</summary>
/// <param name="Status">The worst of the checks; Healthy where there is none.</param>
/// <param name="Checks">The checks.</param>
internal sealed record ProbeReport(HealthStatus Status, IReadOnlyList<CheckResult> Checks)
{
    public static ProbeReport Of(IEnumerable<CheckResult> results)
    {
        var checks = results.OrderBy(check => check.Name, StringComparer.Ordinal).ToArray();
        var worst = HealthStatus.Healthy;
        foreach (var check in checks)
            worst = check.Status < worst ? check.Status : worst;

        return new ProbeReport(worst, checks);
    }

    [JsonIgnore]
    public bool HasPassed => Status != HealthStatus.Unhealthy;

    /// <summary>A line for each check.</summary>
    public string ToText() => string.Concat(Checks.Select(check => $"{check}\n"));

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ProbeReportJson.Default.ProbeReport);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProbeReport))]
internal sealed partial class ProbeReportJson : JsonSerializerContext;
