namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>What can be said of a card or core to one who wants it.</summary>
internal enum AllocationState
{
    /// <summary>It works, and nobody holds it.</summary>
    Free,

    /// <summary>A container holds it.</summary>
    Held,

    /// <summary>Nobody holds it, and it does not work.</summary>
    Unhealthy,

    /// <summary>Nobody holds it, and whether it works is not known.</summary>
    Unknown,

    /// <summary>A container holds it, and this node does not have it.</summary>
    Phantom,
}
