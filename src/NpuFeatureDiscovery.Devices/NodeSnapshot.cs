namespace NpuFeatureDiscovery.Devices;

/// <summary>
/// What one reading of the host found. Immutable, and compared by what was found: <see cref="Generation"/> and
/// <see cref="ReadAt"/> do not count.
/// </summary>
/// <param name="Devices">The cards, in order of family and index.</param>
/// <param name="Machine">The host itself.</param>
/// <param name="Problems">What could not be made out, in order of reading.</param>
public sealed record NodeSnapshot(
    EquatableArray<NpuDevice> Devices, Machine Machine, EquatableArray<ReadProblem> Problems)
{
    /// <summary>
    /// Counts the snapshots that a <see cref="DeviceMonitor"/> published, each of which differs from the one before; all that is made
    /// of the same generation agrees.
    /// </summary>
    /// <value>From 1; 0 for one that no monitor published, such as that of <see cref="NodeReader.Read"/>.</value>
    public long Generation { get; init; }

    /// <summary>When the reading began that found this first. Later ones that found the same leave it as it is.</summary>
    /// <value>In UTC.</value>
    public DateTimeOffset ReadAt { get; init; }

    /// <summary>Whether the other found the same, whenever that was.</summary>
    public bool Equals(NodeSnapshot? other) =>
        other is not null && Devices.Equals(other.Devices) && Machine == other.Machine && Problems.Equals(other.Problems);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Devices, Machine, Problems);
}
