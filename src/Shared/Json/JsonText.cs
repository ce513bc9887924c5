using System.Text.Json;
using System.Text.Unicode;

namespace NpuFeatureDiscovery;

/// <summary>JSON of others, every text of which can be read.</summary>
internal static class JsonText
{
    /// <summary>
    /// As <see cref="JsonDocument"/>, which however takes any bytes and escapes for a text, and throws an
    /// <see cref="InvalidOperationException"/> only where the text or a member's name is asked for.
    /// </summary>
    /// <exception cref="JsonException">It is no JSON, is not UTF-8, or an escape in it is half a character.</exception>
    public static JsonDocument Parse(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw new JsonException("It is not UTF-8.");

        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    _ = reader.GetString();
            }
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException(exception.Message, exception);
        }

        reader = new Utf8JsonReader(json);
        return JsonDocument.ParseValue(ref reader);
    }
}
