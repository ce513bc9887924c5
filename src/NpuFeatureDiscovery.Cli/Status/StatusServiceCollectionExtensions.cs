using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>Adds the status of the node to what an endpoint shows.</summary>
internal static class StatusServiceCollectionExtensions
{
    /// <summary>
    /// Adds <c>/</c> and <c>/status.json</c>. Of the parts it tells what the registered <see cref="IStatusParts"/> finds; by default that
    /// is what the program has itself.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="nodeName">How the cluster calls the node.</param>
    public static IServiceCollection AddStatus(this IServiceCollection services, string nodeName)
    {
        services.AddNpuDevices();
        services.TryAddSingleton<LoggedProblems>();
        services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LoggedProblems>());
        // Whatever else is logged, and where to.
        services.Configure<LoggerFilterOptions>(log => log.AddFilter<LoggedProblems>(null, LogLevel.Warning));
        services.TryAddSingleton<IStatusParts, HostParts>();
        services.AddSingleton<HealthTimes>();
        services.AddHostedService(provider => provider.GetRequiredService<HealthTimes>());
        services.AddSingleton(provider => new StatusReader(
            nodeName, provider.GetRequiredService<DeviceMonitor>(), provider.GetRequiredService<HostRoot>(),
            provider.GetRequiredService<HealthTimes>(), provider.GetRequiredService<LoggedProblems>(),
            provider.GetRequiredService<IStatusParts>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IEndpointDocument, StatusJson>();
        return services.AddSingleton<IEndpointDocument, StatusPage>();
    }
}
