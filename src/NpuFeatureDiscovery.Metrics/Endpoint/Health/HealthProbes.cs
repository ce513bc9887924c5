using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Health;

/// <summary>The health checks of the program.</summary>
/// <remarks>
/// Not by HealthCheckService, which waits for a check that hangs and logs a failure at every probe.
/// </remarks>
internal sealed class HealthProbes(
    IOptions<HealthCheckServiceOptions> checks, IOptions<EndpointOptions> options, IServiceScopeFactory scopes,
    TimeProvider timeProvider, ILogger<HealthProbes> logger)
{
    private readonly PartList<HealthProbe> _probes = new(checks.Value.Registrations.Select(
        check => new HealthProbe(check, scopes, options.Value.CheckDeadline, timeProvider, logger)));

    /// <summary>Puts the checks of a part in the place of those that it had.</summary>
    /// <param name="part">The part's name.</param>
    /// <param name="registrations">Its checks.</param>
    /// <param name="scopesOfPart">Makes the services of a check; null where there is none.</param>
    public void Set(string part, IEnumerable<HealthCheckRegistration> registrations, IServiceScopeFactory? scopesOfPart) => _probes.Set(
        part,
        [.. registrations.Select(check => new HealthProbe(check, scopesOfPart!, options.Value.CheckDeadline, timeProvider, logger))]);

    /// <summary>Runs the checks with a tag, all at once.</summary>
    public async Task<ProbeReport> RunAsync(string tag, CancellationToken cancellationToken) => ProbeReport.Of(
        await Task.WhenAll(_probes.All.Where(probe => probe.HasTag(tag)).Select(probe => probe.RunAsync(cancellationToken))));
}
