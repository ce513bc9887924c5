using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Devices;

/// <summary>Adds the NPUs of the host to a program.</summary>
public static class DevicesServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="DeviceMonitor"/> as a hosted service, for everyone who takes it by constructor. It reads <c>/</c>;
    /// register a <see cref="HostRoot"/> to change that. May be called more than once.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes the defaults of the options.</param>
    public static IServiceCollection AddNpuDevices(
        this IServiceCollection services, Action<DeviceMonitorOptions>? configure = null)
    {
        services.AddOptions<DeviceMonitorOptions>().ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<DeviceMonitorOptions>, DeviceMonitorOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(HostRoot.Default);
        if (services.Any(service => service.ServiceType == typeof(DeviceMonitor)))
            return services;

        services.AddSingleton<DeviceMonitor>();
        return services.AddHostedService(provider => provider.GetRequiredService<DeviceMonitor>());
    }
}
