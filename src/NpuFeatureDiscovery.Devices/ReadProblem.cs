namespace NpuFeatureDiscovery.Devices;

/// <summary>What kind of trouble a reading met.</summary>
public enum ReadProblemKind
{
    /// <summary>An optional fact is not there, as on older drivers. Nothing needs to be done.</summary>
    Missing,

    /// <summary>Something is there and could not be read.</summary>
    Unreadable,

    /// <summary>Something was read and not understood.</summary>
    Malformed,

    /// <summary>A card is left out, since something that identifies it is missing.</summary>
    DeviceLeftOut,
}

/// <summary>What a reading of the host could not make out.</summary>
/// <param name="Path">The file or folder, as it was read, that is with the root in front.</param>
/// <param name="Kind">What kind of trouble.</param>
/// <param name="Reason">A sentence for people that says what and why.</param>
public sealed record ReadProblem(string Path, ReadProblemKind Kind, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Reason}";
}
