using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>Ready while the cards are known and looked at; whether they are well is told by the metrics.</summary>
internal sealed class DevicesHealthCheck(DeviceMonitor monitor, IOptionsMonitor<DeviceMonitorOptions> options) : IHealthCheck
{
    /// <summary>A reading of many cards that hang takes its time.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(30);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (monitor.Failure is { } failure)
            return HealthCheckResult.Unhealthy(failure);
        if (monitor.TimeSinceReading is not { } age)
            return HealthCheckResult.Unhealthy("the devices have not been read yet");

        var longest = (2 * options.CurrentValue.HealthInterval) + Reserve;
        // Without the age, so that whoever logs it sees one thing.
        return age <= longest
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"the devices have not been read for more than {longest.TotalSeconds} s");
    }
}
