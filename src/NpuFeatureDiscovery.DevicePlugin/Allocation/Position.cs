using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>Where a unit is, of whatever kind of device.</summary>
/// <param name="Id">What the kubelet calls it.</param>
/// <param name="Card">The card that it is a part of; null where it is one by itself.</param>
/// <param name="Bridges">
/// What the card hangs on, outermost first: the host bridge, the root port, then two ports for each switch. Empty where it is
/// not known.
/// </param>
/// <param name="NumaNode">Null where it is not known.</param>
internal sealed record Position(string Id, string? Card, EquatableArray<string> Bridges, int? NumaNode);
