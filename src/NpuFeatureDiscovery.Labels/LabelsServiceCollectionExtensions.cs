using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Labels;

/// <summary>Adds NPU node labels to a host.</summary>
public static class LabelsServiceCollectionExtensions
{
    /// <summary>
    /// Adds a hosted service that keeps the labels of the host's NPUs published, and the <see cref="DeviceMonitor"/> that it
    /// follows. Without further registrations it reads <c>/</c> and writes the feature file of <see cref="FeatureFileOptions"/>;
    /// register a <see cref="HostRoot"/> or an <see cref="ILabelSink"/> to change that, and any number of <see cref="ILabeller"/> to add
    /// labels. It adds a health check <c>labels</c>, tagged <c>ready</c>, and counts on the meter <c>NpuFeatureDiscovery.Labels</c>.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes the defaults of the options.</param>
    public static IServiceCollection AddNpuLabels(
        this IServiceCollection services, Action<LabelOptions>? configure = null)
    {
        services.AddNpuDevices();
        services.AddMetrics();
        services.AddOptions<LabelOptions>().ValidateOnStart();
        services.AddOptions<FeatureFileOptions>().ValidateOnStart().PostConfigure<IOptions<DeviceMonitorOptions>>(
            (file, devices) => file.Lease ??= FeatureFileOptions.LeaseFor(devices.Value.Interval));
        if (configure is not null)
            services.Configure(configure);

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LabelOptions>, LabelOptionsValidator>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<FeatureFileOptions>, FeatureFileOptionsValidator>());
        services.TryAddSingleton<ILabelSink>(provider => new FeatureFileSink(
            provider.GetRequiredService<IOptions<FeatureFileOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new LabelPublisher(
            provider.GetRequiredService<IOptions<LabelOptions>>().Value,
            provider.GetRequiredService<ILabelSink>(),
            provider.GetRequiredService<ILogger<LabelPublisher>>(),
            provider.GetServices<ILabeller>()));
        services.TryAddSingleton<LabelMetrics>();
        if (services.Any(service => service.ServiceType == typeof(LabelService)))
            return services;

        services.AddSingleton<LabelService>();
        services.AddHostedService(provider => provider.GetRequiredService<LabelService>());
        services.AddSingleton(provider => new LabelStatus(
            provider.GetRequiredService<LabelService>(), provider.GetRequiredService<LabelPublisher>(),
            provider.GetRequiredService<ILabelSink>(), provider.GetRequiredService<LabelMetrics>()));
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            "labels",
            provider => new LabelHealthCheck(
                provider.GetRequiredService<LabelService>(), provider.GetRequiredService<ILabelSink>(),
                provider.GetRequiredService<LabelMetrics>(), provider.GetRequiredService<DeviceMonitor>()),
            failureStatus: null, tags: ["ready"]));
        return services;
    }
}
