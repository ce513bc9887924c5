using NpuFeatureDiscovery.DevicePlugin.Allocation;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>What the kubelet gives to a container as one piece: a card, or one core of it.</summary>
internal sealed record Unit
{
    public required UnitId Id { get; init; }

    public required NpuDevice Device { get; init; }

    /// <summary>The nodes that a container needs to use it.</summary>
    public required EquatableArray<DeviceNode> Nodes { get; init; }

    /// <summary>Those of the nodes that a program opens to compute; none where the driver shows none.</summary>
    public required EquatableArray<PeFile> PeFiles { get; init; }

    /// <summary>Why it cannot be used; null where it can.</summary>
    public string? Fault => Device.Health.State != HealthState.Healthy
        ? Device.Health.Reason ?? "its state is not known"
        : PeFiles.Count == 0 ? "it has no device node to be used by" : null;

    /// <summary>Where it is, for those that choose which units are given together.</summary>
    public Position Position => new(
        Id.ToString(), Id.Cores is null ? null : Id.DeviceId, [.. Device.PciPath?.ToString().Split('/') ?? []], Device.NumaNode);

    /// <summary>The driver's name of it: <c>npu0</c>, or <c>npu0pe1</c> for a core.</summary>
    public string Name => Id.Cores is { } cores ? $"{Device.Name}pe{cores}" : Device.Name;
}
