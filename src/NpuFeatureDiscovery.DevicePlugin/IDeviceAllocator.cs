using NpuFeatureDiscovery.DevicePlugin.Allocation;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Says what containers get with the devices of a resource. Its methods may be called by several threads at once.</summary>
public interface IDeviceAllocator
{
    /// <summary>What one container gets with its devices.</summary>
    /// <remarks>
    /// The kubelet decides who gets which devices and keeps the books. It uses the answer again when the container or the node
    /// restarts, so it has to stay valid; and it may ask for the same devices again, for the next container of a Pod.
    /// It waits with all it does for the node's Pods until it is answered: after
    /// <see cref="KubeletOptions.AllocationDeadline"/> the Pod fails.
    /// </remarks>
    /// <param name="devices">
    /// One or more, each once, in the order of the kubelet. They are healthy, and from the last list of the
    /// <see cref="IDeviceSource"/>; other requests are refused before.
    /// </param>
    /// <param name="cancellationToken">Cancelled at the deadline, and when the kubelet no longer waits.</param>
    /// <exception cref="AllocationException">
    /// They cannot be given. The Pod fails with this text in its status; its controller may make another. Any other exception does
    /// the same, and is logged as an error.
    /// </exception>
    ValueTask<ContainerAllocation> AllocateAsync(IReadOnlyList<PluginDevice> devices, CancellationToken cancellationToken);

    /// <summary>Which devices are best given together. By default those of one NUMA node.</summary>
    /// <remarks>
    /// The answer is advice, made whole before the kubelet gets it: what must be included comes first, what is not to choose from is
    /// left out, and what is missing is chosen as by default. So no answer at all, an exception and one that takes longer than a
    /// second stand for the default.
    /// </remarks>
    /// <param name="request">What to choose from.</param>
    /// <returns>Ids, the best first.</returns>
    IReadOnlyList<string> Prefer(PreferenceRequest request) => PreferredAllocation.ByNumaNode(request);
}
