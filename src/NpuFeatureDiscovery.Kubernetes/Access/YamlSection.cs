using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Kubernetes.Access;

/// <summary>A mapping in a YAML file that people write, which can say where it stands.</summary>
internal sealed class YamlSection(string file, YamlMappingNode node)
{
    public string File => file;

    public string Folder => Path.GetDirectoryName(Path.GetFullPath(file))!;

    /// <exception cref="KubernetesConfigurationException">The file is no YAML, or cannot be read.</exception>
    public static YamlSection Load(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            var stream = new YamlStream();
            stream.Load(new BoundedYaml(reader));
            return new YamlSection(file, stream.Documents switch
            {
                [] => new YamlMappingNode(),
                [{ RootNode: YamlMappingNode root }, ..] => root,
                [{ RootNode: var other }, ..] => throw Error(file, other, "is not a mapping"),
            });
        }
        catch (YamlException exception)
        {
            throw new KubernetesConfigurationException(
                $"{file}, line {exception.Start.Line}: this is no YAML: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // The scanner gives up so on some broken texts.
            throw new KubernetesConfigurationException($"{file} is no YAML: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesConfigurationException($"{file} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>A text; null where it is absent or empty.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode { Value: null or "" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" } => null,
        YamlScalarNode scalar => scalar.Value,
        var other => throw Error(file, other, $"'{key}' is not a text"),
    };

    public bool Flag(string key) => Text(key) switch
    {
        null => false,
        var text when bool.TryParse(text, out var flag) => flag,
        var text => throw Error(key, $"'{text}' is neither true nor false"),
    };

    /// <summary>A path, relative to the file's folder; null where it is absent or empty.</summary>
    public string? FilePath(string key) => Text(key) is { } path ? Path.Combine(Folder, path) : null;

    public YamlSection? Section(string key) => Find(key) switch
    {
        null => null,
        YamlMappingNode mapping => new YamlSection(file, mapping),
        YamlScalarNode { Value: null or "" or "null" or "~" } => null,
        var other => throw Error(file, other, $"'{key}' is not a mapping"),
    };

    public IEnumerable<YamlSection> Sections(string key) => Items(key).Select(item => item is YamlMappingNode mapping
        ? new YamlSection(file, mapping)
        : throw Error(file, item, $"'{key}' holds what is not a mapping"));

    public IEnumerable<string> Texts(string key) => Items(key).Select(item =>
        item is YamlScalarNode { Value: { } text } ? text : throw Error(file, item, $"'{key}' holds what is not a text"));

    public KubernetesConfigurationException Error(string key, string reason) =>
        Error(file, Find(key) ?? node, $"'{key}': {reason}");

    private static KubernetesConfigurationException Error(string file, YamlNode place, string reason) =>
        new($"{file}, line {place.Start.Line}: {reason}.");

    private YamlSequenceNode Items(string key) => Find(key) switch
    {
        null or YamlScalarNode { Value: null or "" or "null" or "~" } => new YamlSequenceNode(),
        YamlSequenceNode sequence => sequence,
        var other => throw Error(file, other, $"'{key}' is not a list"),
    };

    private YamlNode? Find(string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
}
