using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Schemas;

/// <summary>The documents of YAML text.</summary>
internal static class YamlFile
{
    /// <summary>Reads a file of the repository.</summary>
    public static YamlNode[] Read(string path) => Parse(File.ReadAllText(Repository.At(path)));

    public static YamlNode[] Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => document.RootNode)];
    }
}
