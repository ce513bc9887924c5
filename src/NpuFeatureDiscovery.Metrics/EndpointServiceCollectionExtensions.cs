using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Metrics.Endpoint;
using NpuFeatureDiscovery.Metrics.Endpoint.Health;
using NpuFeatureDiscovery.Metrics.Endpoint.Security;
using NpuFeatureDiscovery.Metrics.Meters;
using NpuFeatureDiscovery.Metrics.Processes;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>Adds an HTTP endpoint for metrics and health to a host.</summary>
public static class EndpointServiceCollectionExtensions
{
    /// <summary>
    /// Adds a hosted service, the <see cref="EndpointService"/>, that serves <c>/metrics</c>, <c>/livez</c> and
    /// <c>/readyz</c>: the instruments of <see cref="EndpointOptions.Meters"/>, the process, the build and every registered
    /// <see cref="IMetricSource"/>, and the health checks with a tag of <see cref="HealthCheckTags"/>; besides, every registered
    /// <see cref="IEndpointDocument"/>. May be called more than once.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the address, and changes the defaults of the other options.</param>
    public static IServiceCollection AddNpuEndpoint(
        this IServiceCollection services, Action<EndpointOptions>? configure = null)
    {
        services.AddOptions<EndpointOptions>().ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EndpointOptions>, EndpointOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddLogging();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMetricSource, MeterSource>(provider => new MeterSource(
            provider.GetRequiredService<IOptions<EndpointOptions>>().Value.Meters,
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<ILogger<MeterSource>>())));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMetricSource, ProcessSource>(_ => new ProcessSource()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMetricSource, BuildSource>());
        services.TryAddSingleton<MetricsReader>();
        services.TryAddSingleton<Scrapes>();
        services.TryAddSingleton<HealthProbes>();
        services.TryAddSingleton(provider => new Authenticator(
            provider.GetRequiredService<IOptions<EndpointOptions>>().Value, provider.GetRequiredService<ILogger<Authenticator>>()));
        services.TryAddSingleton<Documents>();
        services.TryAddSingleton<RequestHandler>();
        services.TryAddSingleton(provider => new EndpointParts(
            provider.GetRequiredService<MetricsReader>(), provider.GetRequiredService<HealthProbes>()));
        if (services.Any(service => service.ServiceType == typeof(EndpointService)))
            return services;

        services.AddSingleton(provider => new EndpointService(
            provider.GetRequiredService<IOptions<EndpointOptions>>().Value,
            provider.GetRequiredService<RequestHandler>(),
            provider.GetRequiredService<Authenticator>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        return services.AddHostedService(provider => provider.GetRequiredService<EndpointService>());
    }
}
