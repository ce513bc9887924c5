using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>What all parts have of the agent. It outlives them.</summary>
internal sealed class SharedServices(
    HostRoot root, DeviceMonitor monitor, IOptionsMonitor<DeviceMonitorOptions> devices, IOptions<EndpointOptions> endpoint,
    IMeterFactory meters, TimeProvider timeProvider, ILoggerFactory loggers)
{
    /// <summary>Services of their own for a part. What is added as an object is not disposed of with them.</summary>
    public IServiceCollection Create()
    {
        var services = new ServiceCollection();
        services.AddSingleton(root);
        services.AddSingleton(monitor);
        services.AddSingleton(devices);
        services.AddSingleton(Options.Create(devices.CurrentValue));
        services.AddSingleton(endpoint);
        services.AddSingleton(timeProvider);
        services.AddSingleton(loggers);
        services.AddSingleton<IMeterFactory>(_ => new PartMeterFactory(meters));
        return services.AddLogging();
    }
}
