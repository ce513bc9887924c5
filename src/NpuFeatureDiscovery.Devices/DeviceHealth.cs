namespace NpuFeatureDiscovery.Devices;

/// <summary>Whether a card works.</summary>
public enum HealthState
{
    /// <summary>The driver says that the card is alive, or is of a generation that does not say.</summary>
    Healthy,

    /// <summary>The driver says that the card is not alive.</summary>
    Unhealthy,

    /// <summary>What the driver says could not be read or understood.</summary>
    Unknown,
}

/// <summary>A card's state and the reason for it.</summary>
/// <param name="State">The state.</param>
/// <param name="Reason">A sentence for people; <see langword="null"/> for a card that works.</param>
public sealed record DeviceHealth(HealthState State, string? Reason = null)
{
    /// <summary>A card that works.</summary>
    public static DeviceHealth Healthy { get; } = new(HealthState.Healthy);
}
