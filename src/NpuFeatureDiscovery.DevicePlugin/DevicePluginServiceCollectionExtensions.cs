using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Adds device plugins to a program: for the host's NPUs, and for devices of any vendor.</summary>
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
        services.AddOptions<DevicePluginOptions>().ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<DevicePluginOptions>, DevicePluginOptionsValidator>());
        services.AddSingleton<DevicePluginService>();
        services.AddHostedService(provider => provider.GetRequiredService<DevicePluginService>());
        services.AddSingleton(provider => new DevicePluginStatus(provider.GetRequiredService<DevicePluginService>()));
        return services.AddWatched(
            "device-plugin", provider => provider.GetRequiredService<DevicePluginService>().Faults,
            provider => provider.GetRequiredService<DevicePluginService>().Registrations);
    }

    /// <summary>
    /// Adds a hosted service that keeps a resource of any vendor's devices registered at the kubelet, whatever happens to the kubelet
    /// or its folder. It adds a health check <c>device-plugin:RESOURCE</c>, tagged <c>ready</c>, and counts on the meter
    /// <c>NpuFeatureDiscovery.DevicePlugin</c>. May be called for several resources.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="resource">The extended resource that Pods ask for, such as <c>example.com/gadget</c>.</param>
    /// <param name="source">Tells of the devices.</param>
    /// <param name="allocator">Says what containers get with them; it may be the same object.</param>
    /// <param name="configure">Changes the defaults of the options, which have the resource's name.</param>
    /// <exception cref="ArgumentException">The resource has no valid name, or is added already.</exception>
    public static IServiceCollection AddDevicePlugin(
        this IServiceCollection services, string resource, IDeviceSource source, IDeviceAllocator allocator,
        Action<KubeletOptions>? configure = null) =>
        services.AddDevicePlugin(resource, _ => source, _ => allocator, configure);

    /// <summary>
    /// The same with a source and an allocator that are made of the program's services, as singletons. They may be of one type, and are
    /// the same object then.
    /// </summary>
    /// <typeparam name="TSource">Tells of the devices.</typeparam>
    /// <typeparam name="TAllocator">Says what containers get with them.</typeparam>
    /// <param name="services">The services of the host.</param>
    /// <param name="resource">The extended resource that Pods ask for, such as <c>example.com/gadget</c>.</param>
    /// <param name="configure">Changes the defaults of the options, which have the resource's name.</param>
    /// <exception cref="ArgumentException">The resource has no valid name, or is added already.</exception>
    public static IServiceCollection AddDevicePlugin<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSource,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TAllocator>(
        this IServiceCollection services, string resource, Action<KubeletOptions>? configure = null)
        where TSource : class, IDeviceSource
        where TAllocator : class, IDeviceAllocator
    {
        services.TryAddSingleton<TSource>();
        services.TryAddSingleton<TAllocator>();
        return services.AddDevicePlugin(
            resource, provider => provider.GetRequiredService<TSource>(), provider => provider.GetRequiredService<TAllocator>(), configure);
    }

    private static IServiceCollection AddDevicePlugin(
        this IServiceCollection services, string resource, Func<IServiceProvider, IDeviceSource> source,
        Func<IServiceProvider, IDeviceAllocator> allocator, Action<KubeletOptions>? configure)
    {
        if (ResourceName.Error(resource) is { } error)
            throw new ArgumentException($"Resource '{resource}' has no valid name: {error}", nameof(resource));
        if (services.Any(service => service.ServiceType == typeof(VendorPluginService) && resource.Equals(service.ServiceKey)))
            throw new ArgumentException($"Resource '{resource}' has a device plugin already; add one for each resource.", nameof(resource));

        var options = services.AddOptions<KubeletOptions>(resource).ValidateOnStart();
        options.Configure(kubelet => kubelet.SocketName = resource.Replace('/', '-'));
        if (configure is not null)
            options.Configure(configure);

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KubeletOptions>, KubeletOptionsValidator>());
        services.AddKeyedSingleton(resource, (provider, _) => new VendorPluginService(
            resource, source(provider), allocator(provider), provider.GetRequiredService<IOptionsMonitor<KubeletOptions>>().Get(resource),
            provider.GetRequiredService<DevicePluginMetrics>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<VendorPluginService>(resource));
        return services.AddWatched(
            "device-plugin:" + resource, provider => provider.GetRequiredKeyedService<VendorPluginService>(resource).Faults,
            provider => provider.GetRequiredKeyedService<VendorPluginService>(resource).Registrations);
    }

    private static IServiceCollection AddWatched(
        this IServiceCollection services, string healthCheck, Func<IServiceProvider, IReadOnlyList<string>> faults,
        Func<IServiceProvider, IReadOnlyList<string>> registrations)
    {
        services.AddMetrics();
        services.TryAddSingleton<DevicePluginMetrics>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            healthCheck, provider => new DevicePluginHealthCheck(() => faults(provider), () => registrations(provider)),
            failureStatus: null, tags: ["ready"]));
        return services;
    }
}
