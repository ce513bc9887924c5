using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
    /// labels.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes the defaults of the options.</param>
    public static IServiceCollection AddNpuLabels(
        this IServiceCollection services, Action<LabelOptions>? configure = null)
    {
        services.AddNpuDevices();
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
        services.AddHostedService<LabelService>();
        return services;
    }
}
