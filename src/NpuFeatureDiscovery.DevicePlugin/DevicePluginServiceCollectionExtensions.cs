using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Adds a device plugin for the host's NPUs to a program.</summary>
public static class DevicePluginServiceCollectionExtensions
{
    /// <summary>
    /// Adds a hosted service that keeps the NPUs of the host registered at the kubelet, and the <see cref="DeviceMonitor"/> that it
    /// follows. It adds a health check <c>device-plugin</c>, tagged <c>ready</c>, and counts on the meter
    /// <c>NpuFeatureDiscovery.DevicePlugin</c>. It reads <c>/</c>; register a <see cref="HostRoot"/> to change that.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes the defaults of the options.</param>
    public static IServiceCollection AddNpuDevicePlugin(
        this IServiceCollection services, Action<DevicePluginOptions>? configure = null)
    {
        services.AddNpuDevices();
        services.AddMetrics();
        services.AddOptions<DevicePluginOptions>().ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<DevicePluginOptions>, DevicePluginOptionsValidator>());
        services.AddSingleton<DevicePluginMetrics>();
        services.AddSingleton<DevicePluginService>();
        services.AddHostedService(provider => provider.GetRequiredService<DevicePluginService>());
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            "device-plugin", provider => new DevicePluginHealthCheck(provider.GetRequiredService<DevicePluginService>()),
            failureStatus: null, tags: ["ready"]));
        return services;
    }
}
