using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>One message of a <c>ListAndWatch</c> stream.</summary>
/// <param name="Start">Which start of the kubelet received it, from 1.</param>
/// <param name="ResourceName">The resource.</param>
/// <param name="Endpoint">The file name of the socket it came from.</param>
/// <param name="Devices">The devices, in the order of the message.</param>
public sealed record DeviceList(int Start, string ResourceName, string Endpoint, EquatableArray<PluginDevice> Devices);

/// <summary>A device as its plugin lists it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Health">Its health as it was sent.</param>
/// <param name="NumaNodes">
/// The NUMA nodes of its topology: <see langword="null"/> where it has no topology, empty where it has one that names no
/// node.
/// </param>
public sealed record PluginDevice(string Id, string Health, EquatableArray<long>? NumaNodes = null)
{
    /// <summary>Whether a kubelet takes it for healthy: exactly the word <c>Healthy</c>.</summary>
    public bool IsHealthy => Health == "Healthy";
}
