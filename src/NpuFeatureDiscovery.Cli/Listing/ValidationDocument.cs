using System.Text.Json;
using System.Text.Json.Serialization;
using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>What becomes of feature files, as a document for scripts.</summary>
internal sealed record ValidationDocument(
    string NfdVersion, string Profile, int Labels, int Lost, IReadOnlyList<ValidationDocument.FeatureFile> Files)
{
    private static readonly ValidationDocumentContext Json = new(DocumentJson.CreateOptions(isIndented: true));

    public static ValidationDocument Create(NfdVersion version, IReadOnlyCollection<ValidatedFile> files) => new(
        version.ToString(), version.Profile, files.Sum(file => file.File.Labels.Count()), files.Sum(file => file.Lost),
        [.. files.Select(FeatureFile.Create)]);

    public string ToJson() => JsonSerializer.Serialize(this, Json.ValidationDocument) + "\n";

    internal sealed record FeatureFile(string Path, string State, string? Reason, IReadOnlyList<Line> Lines)
    {
        public static FeatureFile Create(ValidatedFile file) => new(
            file.Path, DeviceDocument.NameOf(file.File.State), file.File.Reason, [.. file.File.Lines.Select(Line.Create)]);
    }

    internal sealed record Line(int Number, string Text, string Outcome, string? Key, string? Value, bool Lost, string? Reason)
    {
        public static Line Create(NfdLine line) => new(
            line.Number, line.Text, DeviceDocument.NameOf(line.Outcome), line.Key, line.Value, line.IsLost, line.Reason);
    }
}

[JsonSerializable(typeof(ValidationDocument))]
internal sealed partial class ValidationDocumentContext : JsonSerializerContext;
