using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using NpuFeatureDiscovery.Cli.Doctor;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>What <c>doctor</c> found, as a document for scripts.</summary>
internal sealed record DoctorDocument(
    string Node, DateTimeOffset Time, string Worst, int Problems, int Warnings, int Ok, IReadOnlyList<DoctorDocument.Line> Findings)
{
    private static readonly DoctorDocumentContext Json = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    });

    public static DoctorDocument Create(DoctorReport report) => new(
        report.Node, report.At, DeviceDocument.NameOf(report.Worst), report.Count(FindingLevel.Problem),
        report.Count(FindingLevel.Warning), report.Count(FindingLevel.Ok), [.. report.Findings.Select(Line.Create)]);

    public string ToJson() => JsonSerializer.Serialize(this, Json.DoctorDocument) + "\n";

    internal sealed record Line(string Level, string Check, string What, string? Why, string? Remedy)
    {
        public static Line Create(Finding finding) => new(
            DeviceDocument.NameOf(finding.Level), finding.Check, finding.What, finding.Why, finding.Remedy);
    }
}

[JsonSerializable(typeof(DoctorDocument))]
internal sealed partial class DoctorDocumentContext : JsonSerializerContext;
