namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// Which units the kubelet is advised to give to one container, of those that are free. The kubelet follows the advice within
/// what its own topology manager leaves open.
/// </summary>
public enum AllocationPolicy
{
    /// <summary>
    /// Units as near to each other as possible: of one card, then behind one PCIe switch, at one host bridge, at one NUMA node.
    /// Of choices that are as near, the one that leaves the others as near to each other as possible, so that what is begun is
    /// filled up first. For programs whose units talk to each other.
    /// </summary>
    Packed,

    /// <summary>
    /// The opposite: units as far apart as possible, over NUMA nodes, host bridges, switches and cards, and where most is free.
    /// For programs whose units each need bandwidth to the host, or that are to survive the loss of a card.
    /// </summary>
    Spread,
}
