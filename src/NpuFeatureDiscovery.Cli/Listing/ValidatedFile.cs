using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <param name="Path">How the file is called.</param>
/// <param name="File">What becomes of it.</param>
internal sealed record ValidatedFile(string Path, NfdFeatureFile File)
{
    public int Lost => File.State == NfdFileState.Refused ? 1 : File.Lines.Count(line => line.IsLost);
}
