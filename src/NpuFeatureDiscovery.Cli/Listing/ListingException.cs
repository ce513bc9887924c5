namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>There is nothing to list; the message says why and what to do. Ends with <see cref="ExitCode.Failed"/>.</summary>
internal sealed class ListingException(string message, Exception innerException) : Exception(message, innerException);
