namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>The configuration file cannot be used. Each mistake is a sentence that begins with the place in the file.</summary>
internal sealed class ConfigurationFileException(IReadOnlyList<string> mistakes) : Exception(string.Join(' ', mistakes))
{
    public IReadOnlyList<string> Mistakes => mistakes;
}
