using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>Adds Kubernetes Events to a host.</summary>
public static class NodeEventsServiceCollectionExtensions
{
    /// <summary>
    /// Adds hosted services that write Events of the Node: of cards that die, go or come back, by the <see cref="DeviceMonitor"/>, and with
    /// <see cref="LabelsServiceCollectionExtensions.AddNpuLabels"/> of labels that are refused or changed. The account needs <c>create</c> and
    /// <c>patch</c> on <c>events</c> in the namespace <c>default</c>. What cannot be written is logged once, dropped and counted on the
    /// meter <c>NpuFeatureDiscovery.Labels</c>; at most 25 at once are written, and one in 5 minutes after that.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="client">Gives the API server, which is not disposed of; <see langword="null"/> where there is none.</param>
    /// <param name="configure">Names the Node.</param>
    public static IServiceCollection AddNodeEvents(
        this IServiceCollection services, Func<IServiceProvider, KubernetesClient?> client, Action<NodeEventOptions> configure)
    {
        services.AddNpuDevices();
        services.AddMetrics();
        services.AddOptions<NodeEventOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NodeEventOptions>, NodeEventOptionsValidator>());
        services.TryAddSingleton<NodeEventMetrics>();
        services.TryAddSingleton<NodeEventQueue>();
        services.TryAddSingleton<LabelEvents>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, CardEventService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, NodeEventService>(provider => new NodeEventService(
            client(provider), provider.GetRequiredService<IOptions<NodeEventOptions>>(), provider.GetRequiredService<NodeEventQueue>(),
            provider.GetRequiredService<NodeEventMetrics>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<NodeEventService>>())));
        return services;
    }
}
