using System.Text.Encodings.Web;
using System.Text.Json;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>How documents for scripts are written as JSON.</summary>
internal static class DocumentJson
{
    /// <param name="isIndented">Over many lines, for people too; else on one, for who reads a document a line.</param>
    public static JsonSerializerOptions CreateOptions(bool isIndented) => new()
    {
        // For terminals and files, where '+' and '°' are read as they are, not for HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = isIndented,
    };
}
