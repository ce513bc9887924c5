using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Makes a configuration file the source of the device plugin's options, also while the program runs.</summary>
internal static class DevicePluginFileServiceCollectionExtensions
{
    /// <param name="services">The services of the host.</param>
    /// <param name="reader">Reads the file, now and when it has changed.</param>
    /// <param name="initial">What it has read for the start.</param>
    public static IServiceCollection AddDevicePluginFile(
        this IServiceCollection services, DevicePluginFileReader reader, DevicePluginFile initial)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<DevicePluginOptions>().Configure<CurrentDevicePluginFile>((options, file) => file.Apply(options));
        services.AddOptions<DeviceMonitorOptions>().Configure<CurrentDevicePluginFile>((options, file) => file.Apply(options))
            .PostConfigure(options => options.HealthInterval = Shorter(options.HealthInterval, options.Interval));
        services.AddSingleton<OptionsChangeSignal<DevicePluginOptions>>();
        services.AddSingleton<OptionsChangeSignal<DeviceMonitorOptions>>();
        services.AddSingleton<IOptionsChangeTokenSource<DevicePluginOptions>>(
            provider => provider.GetRequiredService<OptionsChangeSignal<DevicePluginOptions>>());
        services.AddSingleton<IOptionsChangeTokenSource<DeviceMonitorOptions>>(
            provider => provider.GetRequiredService<OptionsChangeSignal<DeviceMonitorOptions>>());
        services.AddSingleton(provider => new CurrentDevicePluginFile(
            initial,
            provider.GetRequiredService<OptionsChangeSignal<DevicePluginOptions>>(),
            provider.GetRequiredService<OptionsChangeSignal<DeviceMonitorOptions>>()));
        services.AddSingleton<DevicePluginFileMetrics>();
        return services.AddHostedService(provider => new DevicePluginFileWatcher(
            reader,
            provider.GetRequiredService<CurrentDevicePluginFile>(),
            provider.GetRequiredService<DevicePluginFileMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DevicePluginFileWatcher>>()));
    }

    private static TimeSpan Shorter(TimeSpan first, TimeSpan second) => first < second ? first : second;
}
