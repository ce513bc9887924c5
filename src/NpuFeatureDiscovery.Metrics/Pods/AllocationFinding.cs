namespace NpuFeatureDiscovery.Metrics.Pods;

/// <summary>What is wrong with an allocation.</summary>
public enum AllocationFault
{
    /// <summary>Several containers of different Pods hold the same unit.</summary>
    DoubleAllocation,

    /// <summary>Containers of different Pods hold a card and cores of it, or ranges that share cores.</summary>
    Overlap,

    /// <summary>A container holds a unit that the node does not have.</summary>
    Phantom,

    /// <summary>A container holds a unit of a card that does not work.</summary>
    Unhealthy,
}

/// <summary>One allocation that is wrong.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Allocation">The allocation.</param>
/// <param name="Reason">A sentence for people, which names the others.</param>
public sealed record AllocationFinding(AllocationFault Fault, Allocation Allocation, string Reason);
