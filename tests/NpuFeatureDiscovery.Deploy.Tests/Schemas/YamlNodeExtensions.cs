using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Schemas;

/// <summary>What may or may not be there, without asking first.</summary>
internal static class YamlNodeExtensions
{
    /// <summary>The node at a path of keys; null where there is none.</summary>
    public static YamlNode? At(this YamlNode? node, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            node = node is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out var value) ? value : null;

        return node;
    }

    /// <summary>The keys and values of a mapping, none where there is no node.</summary>
    public static Dictionary<string, string> Texts(this YamlNode? node) => node is null
        ? []
        : ((YamlMappingNode)node).ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => ((YamlScalarNode)pair.Value).Value!);

    /// <summary>The items of a sequence, none where there is no node.</summary>
    public static IEnumerable<YamlNode> Items(this YamlNode? node) => node is null ? [] : (YamlSequenceNode)node;
}
