using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Schemas;

/// <summary>YAML as JSON, with the types that kubectl gives to what stands without quotation marks.</summary>
internal static partial class YamlJson
{
    public static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Select(pair =>
            KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Convert(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar),
        _ => JsonValue.Create(((YamlScalarNode)node).Value),
    };

    private static JsonValue? Plain(YamlScalarNode scalar) => scalar.Value switch
    {
        null or "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        // A boolean to kubectl's YAML 1.1, a string to that of others.
        var text when Ambiguous().IsMatch(text) => throw new FormatException(
            $"Line {scalar.Start.Line}: '{text}' is a boolean to kubectl and text to others: put it in quotation marks, or write true or false."),
        var text when Integer().IsMatch(text) => JsonValue.Create(long.Parse(text, CultureInfo.InvariantCulture)),
        var text when Number().IsMatch(text) => JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture)),
        var text => JsonValue.Create(text),
    };

    [GeneratedRegex(@"^(y|yes|n|no|on|off)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Ambiguous();

    [GeneratedRegex(@"^[-+]?[0-9]{1,18}\z")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Number();
}
