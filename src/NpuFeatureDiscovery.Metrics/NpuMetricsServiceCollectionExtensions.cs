using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>Adds the metrics of the host's NPUs to a program.</summary>
public static class NpuMetricsServiceCollectionExtensions
{
    /// <summary>
    /// Adds the cards' sensors, and which Pods hold the cards, to what
    /// <see cref="EndpointServiceCollectionExtensions.AddNpuEndpoint"/> shows, and the <see cref="DeviceMonitor"/> that tells the cards.
    /// It reads <c>/</c>; register a <see cref="HostRoot"/> to change that.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes the defaults of the options.</param>
    public static IServiceCollection AddNpuMetrics(
        this IServiceCollection services, Action<NpuMetricsOptions>? configure = null)
    {
        services.AddNpuDevices();
        services.AddMetrics();
        services.AddOptions<NpuMetricsOptions>().ValidateOnStart();
        services.AddOptions<PodResourcesOptions>();
        if (configure is not null)
            services.Configure(configure);

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NpuMetricsOptions>, NpuMetricsOptionsValidator>());
        services.TryAddSingleton(provider => new PodResourcesClient(
            provider.GetRequiredService<IOptions<PodResourcesOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new AllocationReader(
            provider.GetRequiredService<PodResourcesClient>(), provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<ILogger<AllocationReader>>()));
        services.TryAddSingleton(provider => new SensorErrors(
            provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<ILogger<SensorErrors>>()));
        services.AddSingleton<IMetricSource>(provider => new NpuMetricSource(
            provider.GetRequiredService<DeviceMonitor>(), provider.GetRequiredService<HostRoot>(),
            provider.GetRequiredService<IOptions<NpuMetricsOptions>>().Value, provider.GetRequiredService<LoadSampler>(),
            provider.GetRequiredService<AllocationReader>(), provider.GetRequiredService<SensorErrors>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new LoadSampler(
            provider.GetRequiredService<DeviceMonitor>(), provider.GetRequiredService<HostRoot>(),
            provider.GetRequiredService<IOptions<NpuMetricsOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        return services.AddHostedService(provider => provider.GetRequiredService<LoadSampler>());
    }
}
