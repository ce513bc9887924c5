using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>Something that is listed once, or again and again while somebody watches.</summary>
internal interface IListing : IDisposable
{
    /// <summary>What is so now; within seconds, however long a part does not answer.</summary>
    /// <exception cref="HostUnreadableException">Nothing is known of the cards.</exception>
    /// <exception cref="ListingException">Something else is not known without which the list would mislead.</exception>
    Task<ListedText> ReadAsync(CancellationToken cancellationToken);
}
