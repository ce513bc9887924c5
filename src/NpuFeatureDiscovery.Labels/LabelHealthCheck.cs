using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>
/// Ready where the labels are published, and as far as the sink can tell stand on the Node; those that others have yet to put there
/// are no reason to fail.
/// </summary>
internal sealed class LabelHealthCheck(LabelService service, ILabelSink sink, LabelMetrics metrics, DeviceMonitor monitor)
    : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (service.Failure is { } failure)
            return HealthCheckResult.Unhealthy(failure);
        if (metrics.SucceededAt is not { } at)
            return HealthCheckResult.Unhealthy(monitor.Failure ?? "nothing is published yet");
        if (!monitor.IsCurrent)
            return HealthCheckResult.Unhealthy($"the host cannot be read; {sink.Target} is as of {Text(at)}");
        if (sink.Publication is not var (state, reason, publishedAt, verifiedAt))
            return HealthCheckResult.Healthy($"{sink.Target} is written, as seen at {Text(at)}");

        var written = publishedAt is { } time ? $", written at {Text(time)}" : "";
        var seen = verifiedAt is { } read ? $", seen at {Text(read)}" : "";
        var why = reason.Length > 0 ? $": {reason}" : "";
        return state switch
        {
            LabelPublicationState.InForce => HealthCheckResult.Healthy($"{sink.Target} is in force{written}{seen}"),
            LabelPublicationState.Pending => HealthCheckResult.Degraded($"{sink.Target} is pending{written}{seen}{why}"),
            // It is published; only what became of it is not known.
            LabelPublicationState.Unknown => HealthCheckResult.Degraded($"{sink.Target} is unknown{written}{why}"),
            // Without times, so that whoever logs it sees one thing.
            _ => HealthCheckResult.Unhealthy($"{sink.Target} is {state.ToString().ToLowerInvariant()}{why}"),
        };
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
