using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>Adds the agent to a host that has an endpoint.</summary>
internal static class AgentServiceCollectionExtensions
{
    /// <param name="services">The services of the host.</param>
    /// <param name="initial">What the agent is to do at first.</param>
    /// <param name="context">Where it runs.</param>
    /// <param name="reader">Reads the configuration file when it changes; null where there is none.</param>
    public static IServiceCollection AddNpuAgent(
        this IServiceCollection services, AgentConfiguration initial, AgentContext context, AgentFileReader? reader)
    {
        var monitor = new OptionsChangeSignal<DeviceMonitorOptions>();
        var current = new CurrentAgentConfiguration(initial, monitor);
        var labels = new LabelPart(context);
        services.AddSingleton(current);
        services.AddSingleton<IOptionsChangeTokenSource<DeviceMonitorOptions>>(monitor);
        services.AddNpuDevices(devices =>
        {
            labels.Apply(initial, devices);
            current.Apply(devices);
        });
        services.AddSingleton<IAgentPart>(labels);
        services.AddSingleton<IAgentPart>(new DevicePluginPart(context));
        services.AddSingleton<IAgentPart>(new MetricsPart(context));
        services.AddSingleton<AgentState>();
        services.AddSingleton<AgentMetrics>();
        services.AddSingleton<SharedServices>();
        services.AddHostedService<AgentService>();
        if (reader is null)
            return services;

        return services.AddHostedService(provider => new AgentFileWatcher(
            reader, current, provider.GetRequiredService<AgentMetrics>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AgentFileWatcher>>()));
    }
}
