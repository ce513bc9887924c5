namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>What one unit of the resource is, named as the SDK's device plugin names it.</summary>
public enum DefaultPe
{
    /// <summary>A whole card, its processing elements (cores) fused.</summary>
    Fusion,

    /// <summary>One processing element (core) of a card.</summary>
#pragma warning disable CA1720 // The SDK's word; no type is meant.
    Single,
#pragma warning restore CA1720
}
