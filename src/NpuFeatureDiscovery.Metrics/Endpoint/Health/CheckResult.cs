using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Health;

/// <summary>How a health check ended.</summary>
/// <param name="Name">The check.</param>
/// <param name="Status">Degraded counts as passed.</param>
/// <param name="Reason">What the check said, in one line; always there where it failed.</param>
internal sealed record CheckResult(string Name, HealthStatus Status, string? Reason)
{
    [JsonIgnore]
    public bool HasPassed => Status != HealthStatus.Unhealthy;

    public override string ToString() =>
        $"[{(HasPassed ? '+' : '-')}] {Name}{(Reason is null ? "" : $": {Reason}")}";
}
