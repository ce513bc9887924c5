using NpuFeatureDiscovery.Cli.Configuration;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>Reads the agent's configuration file, or tells all its mistakes at once.</summary>
internal sealed class AgentFileReader(string path, AgentContext context)
{
    public string Path => path;

    /// <exception cref="ConfigurationFileException">The file cannot be read or used.</exception>
    public AgentConfiguration Read() => Parse(ConfigurationText.Read(path));

    /// <exception cref="ConfigurationFileException">The content cannot be used.</exception>
    public AgentConfiguration Parse(FileContent content)
    {
        var parser = new AgentFileParser(ConfigurationText.Decode(path, content), context);
        var configuration = parser.Parse();
        return parser.Mistakes.Count == 0 ? configuration : throw ConfigurationText.Refuse(path, parser.Mistakes);
    }
}
