using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>
/// Tells why the last scrape lacked the Pods; it asks nobody itself, since a kubelet that hangs must not hold up a probe. Without Pods
/// the exporter still does its work.
/// </summary>
internal sealed class PodResourcesHealthCheck(AllocationReader kubelet, IOptions<NpuMetricsOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(options.Value.Pods && kubelet.Failure is { } failure
            ? HealthCheckResult.Degraded(failure)
            : HealthCheckResult.Healthy());
}
