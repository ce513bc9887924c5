using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// One device of a resource, as an <see cref="IDeviceSource"/> lists it. Immutable. Derive from it to keep with a device what its
/// allocation needs: an <see cref="IDeviceAllocator"/> gets the same objects.
/// </summary>
/// <param name="Id">
/// What the kubelet calls it: the same as long as it is the same device, also after a restart of the node. At most 63 characters, as
/// the comments of the kubelet's API say, which kubelets do not enforce. A device without one is left out.
/// </param>
public record PluginDevice(string Id)
{
    /// <summary>Whether it may be allocated.</summary>
    /// <value>Default: <see cref="PluginDeviceState.Healthy"/>.</value>
    public PluginDeviceState State { get; init; }

    /// <summary>Why it may not be allocated. It ends up in the log, and in the status of a Pod that was to get the device.</summary>
    /// <value>A clause without a full stop, such as <c>its fan stands still</c>. Default: none.</value>
    public string? Reason { get; init; }

    /// <summary>From when on <see cref="State"/> is as it is, if that is known.</summary>
    /// <value>Default: not known.</value>
    public DateTimeOffset? Since { get; init; }

    /// <summary>What people call it, where that is not its id.</summary>
    /// <value>Default: none.</value>
    public string? Name { get; init; }

    /// <summary>The NUMA nodes that it is near to, by which a kubelet's topology manager aligns it with CPUs and memory.</summary>
    /// <value>
    /// Default: none, where that is not known. Negative numbers (sysfs says -1 where it does not know) and those above 63 are left
    /// out. A kubelet that is told the nodes of some devices places no Pod on the others
    /// (https://github.com/kubernetes/kubernetes/issues/112234), so it is told of all devices of a list or of none.
    /// </value>
    public EquatableArray<int> NumaNodes { get; init; } = [];

    internal bool IsHealthy => State == PluginDeviceState.Healthy;

    /// <summary>For the log.</summary>
    internal string Title => Name is null ? Id : $"{Name} ({Id})";
}
