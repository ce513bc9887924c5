using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>Writes a JSON value as YAML, so that both forms of a document say the same.</summary>
internal static class YamlText
{
    public static string Of(JsonElement value)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings().WithMaxSimpleKeyLength(128).WithBestWidth(int.MaxValue));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, value);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart());
                foreach (var property in value.EnumerateObject())
                {
                    emitter.Emit(new Scalar(property.Name));
                    Emit(emitter, property.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                // An empty list has no lines of its own to stand in.
                var style = value.GetArrayLength() == 0 ? SequenceStyle.Flow : SequenceStyle.Block;
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, style));
                foreach (var item in value.EnumerateArray())
                    Emit(emitter, item);

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                // Always quoted: unquoted, 509:0 is a number for YAML 1.1, and so is a serial of digits.
                emitter.Emit(new Scalar(
                    AnchorName.Empty, TagName.Empty, value.GetString()!, ScalarStyle.DoubleQuoted, isPlainImplicit: false,
                    isQuotedImplicit: true));
                break;
            default:
                emitter.Emit(new Scalar(value.GetRawText()));
                break;
        }
    }
}
