using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Ready while the kubelet holds a ListAndWatch stream of every resource, and its devices are known.</summary>
internal sealed class DevicePluginHealthCheck(
    Func<IReadOnlyList<string>> faultsNow, Func<IReadOnlyList<string>> registrationsNow) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var faults = faultsNow();
        return Task.FromResult(faults.Count == 0
            ? HealthCheckResult.Healthy(string.Join("; ", registrationsNow()))
            : HealthCheckResult.Unhealthy(string.Join("; ", faults)));
    }
}
