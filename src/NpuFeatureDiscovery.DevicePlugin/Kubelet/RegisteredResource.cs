using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>A resource that a device plugin has registered.</summary>
/// <param name="Name">The extended resource.</param>
/// <param name="HealthyIds">The ids that the plugin called healthy last; none while no plugin serves the resource.</param>
public sealed record RegisteredResource(string Name, EquatableArray<string> HealthyIds);
