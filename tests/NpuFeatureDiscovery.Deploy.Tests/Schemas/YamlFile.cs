using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Schemas;

/// <summary>The documents of YAML text.</summary>
internal static class YamlFile
{
    /// <summary>Reads a file of the repository.</summary>
    public static YamlNode[] Read(string path) => Parse(File.ReadAllText(Repository.At(path)));

    /// <summary>The files of YAML in a folder of the repository and below, but for charts, whose templates are none yet.</summary>
    public static string[] Names(string folder) =>
        [.. Directory.EnumerateFiles(Repository.At(folder), "*.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Where(file => !file.StartsWith("deploy/helm/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public static YamlNode[] Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => document.RootNode)];
    }
}
