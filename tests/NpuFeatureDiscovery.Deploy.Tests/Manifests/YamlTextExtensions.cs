using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Manifests;

internal static class YamlTextExtensions
{
    /// <summary>The text at a path of keys; null where there is none.</summary>
    public static string? Text(this YamlNode? node, params ReadOnlySpan<string> keys) => ((YamlScalarNode?)node.At(keys))?.Value;
}
