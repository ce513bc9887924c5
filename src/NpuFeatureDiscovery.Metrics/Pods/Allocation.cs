using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Metrics.Pods;

/// <summary>A unit of an NPU resource that a container holds, as the kubelet tells it.</summary>
/// <param name="Unit">The card, or cores of it.</param>
/// <param name="Resource">The extended resource that it was asked for as.</param>
/// <param name="Namespace">The Pod's namespace.</param>
/// <param name="Pod">The Pod's name.</param>
/// <param name="Container">The container's name.</param>
public sealed record Allocation(UnitId Unit, string Resource, string Namespace, string Pod, string Container);
