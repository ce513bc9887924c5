using System.Text.Json;
using System.Text.Json.Serialization;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>Who holds which card or core, as a document for scripts; what nobody holds has no holder.</summary>
internal sealed record AllocationDocument(
    IReadOnlyList<AllocationDocument.Unit> Allocations, IReadOnlyList<DeviceDocument.Problem> Problems)
{
    private static readonly AllocationDocumentContext Json = new(DocumentJson.CreateOptions(isIndented: true));
    private static readonly AllocationDocumentContext Line = new(DocumentJson.CreateOptions(isIndented: false));

    public static AllocationDocument Create(IEnumerable<AllocationRow> rows, IEnumerable<ReadProblem> problems) =>
        new([.. rows.Select(Unit.Create)], [.. problems.Select(DeviceDocument.Problem.Create)]);

    public string ToJson() => JsonSerializer.Serialize(this, Json.AllocationDocument) + "\n";

    public string ToJsonLine() => JsonSerializer.Serialize(this, Line.AllocationDocument) + "\n";

    public string ToYaml() => YamlText.Of(JsonSerializer.SerializeToElement(this, Json.AllocationDocument));

    internal sealed record Unit(
        string? Name, string? Family, int? Index, string? PciAddress, string? Uuid, [property: JsonPropertyName("unit")] string Id,
        IReadOnlyList<int> Cores, string State, string? Health, string? HealthReason, Holder? Holder, IReadOnlyList<Fault> Faults)
    {
        public static Unit Create(AllocationRow row)
        {
            var (device, holder) = (row.Device, row.Holder);
            return new Unit(
                device?.Name, device is null ? null : DeviceDocument.NameOf(device.Family), device?.Index, device?.PciAddress.ToString(),
                device?.Uuid, row.Unit.ToString(), CoresOf(row), DeviceDocument.NameOf(row.State),
                device is null ? null : DeviceDocument.NameOf(device.Health.State), device?.Health.Reason,
                holder is null ? null : new Holder(holder.Namespace, holder.Pod, holder.Container, holder.Resource),
                [.. row.Findings.Select(finding => new Fault(DeviceDocument.NameOf(finding.Fault), finding.Reason))]);
        }

        private static IReadOnlyList<int> CoresOf(AllocationRow row)
        {
            if (row.Unit.Cores is not { } cores)
                return row.Device is { } device ? device.Cores : [];

            var numbers = new List<int>(cores.Width);
            for (var core = cores.Start; core <= cores.End; core++)
                numbers.Add(core);

            return numbers;
        }
    }

    internal sealed record Holder(string Namespace, string Pod, string Container, string Resource);

    internal sealed record Fault([property: JsonPropertyName("fault")] string Kind, string Reason);
}

[JsonSerializable(typeof(AllocationDocument))]
internal sealed partial class AllocationDocumentContext : JsonSerializerContext;
