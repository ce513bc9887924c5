using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>Adds the metrics of the host's NPUs to a program.</summary>
public static class NpuMetricsServiceCollectionExtensions
{
    /// <summary>For what is left to do of a scrape when the last card has been waited for.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(0.25);

    /// <summary>
    /// Adds the cards' sensors, and which Pods hold the cards, to what
    /// <see cref="EndpointServiceCollectionExtensions.AddNpuEndpoint"/> shows, and the <see cref="DeviceMonitor"/> that tells the cards.
    /// It reads <c>/</c>; register a <see cref="HostRoot"/> to change that. It adds the health checks <c>devices</c> and
    /// <c>pod-resources</c>, tagged <see cref="HealthCheckTags.Ready"/>; the second never fails, since the cards are shown all the same.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes the defaults of the options.</param>
    public static IServiceCollection AddNpuMetrics(
        this IServiceCollection services, Action<NpuMetricsOptions>? configure = null)
    {
        services.AddNpuDevices();
        services.AddMetrics();
        services.AddOptions<NpuMetricsOptions>().PostConfigure<IOptions<EndpointOptions>>(EndBeforeScrape).ValidateOnStart();
        services.AddOptions<PodResourcesOptions>();
        AddHealthChecks(services);
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
        services.TryAddSingleton(provider => new SensorReader(
            provider.GetRequiredService<HostRoot>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IOptions<NpuMetricsOptions>>().Value.DeviceTimeout));
        services.AddSingleton<IMetricSource>(provider => new NpuMetricSource(
            provider.GetRequiredService<DeviceMonitor>(), provider.GetRequiredService<SensorReader>(),
            provider.GetRequiredService<IOptions<NpuMetricsOptions>>().Value, provider.GetRequiredService<LoadSampler>(),
            provider.GetRequiredService<AllocationReader>(), provider.GetRequiredService<SensorErrors>()));
        services.AddSingleton(provider => new LoadSampler(
            provider.GetRequiredService<DeviceMonitor>(), provider.GetRequiredService<HostRoot>(),
            provider.GetRequiredService<IOptions<NpuMetricsOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new NpuMetricsStatus(
            provider.GetRequiredService<SensorReader>(),
            provider.GetRequiredService<IOptions<NpuMetricsOptions>>().Value.Pods ? provider.GetRequiredService<PodResourcesClient>() : null,
            provider.GetRequiredService<LoadSampler>()));
        return services.AddHostedService(provider => provider.GetRequiredService<LoadSampler>());
    }

    /// <summary>A card that hangs is told as such by a scrape that still ends in time.</summary>
    private static void EndBeforeScrape(NpuMetricsOptions metrics, IOptions<EndpointOptions> endpoint)
    {
        var longest = endpoint.Value.CollectDeadline - Reserve;
        if (longest > TimeSpan.Zero && metrics.DeviceTimeout > longest)
            metrics.DeviceTimeout = longest;
    }

    private static void AddHealthChecks(IServiceCollection services) => services.AddHealthChecks()
        .Add(new HealthCheckRegistration(
            "devices",
            provider => new DevicesHealthCheck(
                provider.GetRequiredService<DeviceMonitor>(),
                provider.GetRequiredService<IOptionsMonitor<DeviceMonitorOptions>>()),
            failureStatus: null, tags: [HealthCheckTags.Ready]))
        .Add(new HealthCheckRegistration(
            "pod-resources",
            provider => new PodResourcesHealthCheck(
                provider.GetRequiredService<AllocationReader>(), provider.GetRequiredService<IOptions<NpuMetricsOptions>>()),
            failureStatus: null, tags: [HealthCheckTags.Ready]));
}
