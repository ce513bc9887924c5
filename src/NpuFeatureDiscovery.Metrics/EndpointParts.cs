using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Metrics.Endpoint;
using NpuFeatureDiscovery.Metrics.Endpoint.Health;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>
/// What an endpoint shows besides that of its own host: the metrics and health of parts of the program that have services of their own,
/// and come and go while it runs. Added by <see cref="EndpointServiceCollectionExtensions.AddNpuEndpoint"/>.
/// </summary>
public sealed class EndpointParts
{
    private readonly MetricsReader _metrics;
    private readonly HealthProbes _probes;

    internal EndpointParts(MetricsReader metrics, HealthProbes probes) => (_metrics, _probes) = (metrics, probes);

    /// <summary>
    /// Shows every <see cref="IMetricSource"/> of a part and its health checks with a tag of <see cref="HealthCheckTags"/>, in the place
    /// of what was shown of it before; no scrape or probe falls in between.
    /// </summary>
    /// <param name="part">The part's name.</param>
    /// <param name="services">Its services, which must not be disposed of before others are shown, or none.</param>
    /// <exception cref="ArgumentException">A source has the name of another that is shown.</exception>
    public void Show(string part, IServiceProvider services)
    {
        _metrics.Set(part, services.GetServices<IMetricSource>());
        _probes.Set(
            part, services.GetService<IOptions<HealthCheckServiceOptions>>()?.Value.Registrations ?? [],
            services.GetRequiredService<IServiceScopeFactory>());
    }

    /// <summary>Shows nothing more of a part.</summary>
    /// <param name="part">The part's name; one that is not shown changes nothing.</param>
    public void Hide(string part)
    {
        _metrics.Set(part, []);
        _probes.Set(part, [], null);
    }
}
