using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>A card, or cores of it, that a container holds or nobody.</summary>
/// <param name="Unit">What the kubelet calls it.</param>
/// <param name="Device">The card; null where the node does not have it.</param>
/// <param name="Holder">Who holds it; null where nobody does.</param>
/// <param name="Findings">What is wrong with that.</param>
internal sealed record AllocationRow(
    UnitId Unit, NpuDevice? Device, Allocation? Holder, IReadOnlyList<AllocationFinding> Findings)
{
    public AllocationState State => Findings.Any(finding => finding.Fault == AllocationFault.Phantom) ? AllocationState.Phantom
        : Holder is not null ? AllocationState.Held
        : Device?.Health.State switch
        {
            HealthState.Healthy => AllocationState.Free,
            HealthState.Unhealthy => AllocationState.Unhealthy,
            _ => AllocationState.Unknown,
        };

    /// <summary>The first core, below zero for the whole card.</summary>
    public int Start => Unit.Cores?.Start ?? -1;
}
