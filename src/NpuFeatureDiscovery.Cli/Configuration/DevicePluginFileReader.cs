namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Reads the device plugin's configuration file, or tells all its mistakes at once.</summary>
/// <param name="path">The file.</param>
/// <param name="nodeName">The node whose disabled devices count.</param>
/// <param name="validate">Says of values that are well-formed which of them are not allowed, by key, and what is.</param>
internal sealed class DevicePluginFileReader(
    string path, string nodeName, Func<DevicePluginFile, IEnumerable<(string Key, string Reason)>>? validate = null)
{
    public string Path => path;

    /// <exception cref="ConfigurationFileException">The file cannot be read or used.</exception>
    public DevicePluginFile Read() => Parse(ConfigurationText.Read(path));

    /// <exception cref="ConfigurationFileException">The content cannot be used.</exception>
    public DevicePluginFile Parse(FileContent content)
    {
        var parser = new DevicePluginFileParser(ConfigurationText.Decode(path, content), nodeName);
        var file = parser.Parse();
        if (parser.Mistakes.Count == 0 && validate is not null)
            parser.Refuse(file, validate(file));

        return parser.Mistakes.Count == 0 ? file : throw ConfigurationText.Refuse(path, parser.Mistakes);
    }
}
