using System.Text.Json;

namespace NpuFeatureDiscovery.Testing.Fuzzing;

/// <summary>Tries what is said to hold for every JSON. Inputs that are none are tried too: that they are refused and nothing else.</summary>
public static class JsonFuzz
{
    /// <exception cref="FuzzException">An input broke the property, did not end, or took too much memory.</exception>
    public static void Check(FuzzTarget target, Action<JsonElement> property) => Fuzz.Check(target, input =>
    {
        JsonDocument document;
        try
        {
            document = JsonText.Parse(input);
        }
        catch (JsonException)
        {
            return;
        }

        using (document)
            property(document.RootElement);
    });
}
