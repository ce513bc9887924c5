using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Ready while the kubelet holds a ListAndWatch stream of every resource.</summary>
internal sealed class DevicePluginHealthCheck(DevicePluginService service) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var faults = service.Faults;
        return Task.FromResult(faults.Count == 0
            ? HealthCheckResult.Healthy(string.Join("; ", service.Registrations))
            : HealthCheckResult.Unhealthy(string.Join("; ", faults)));
    }
}
