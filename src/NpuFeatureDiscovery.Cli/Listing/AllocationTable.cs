using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>Who holds which card or core, for people.</summary>
internal static class AllocationTable
{
    private static readonly TableColumn[] Columns =
    [
        new("NPU"), new("PCI-BDF"), new("Cores"), new("State"), new("Namespace"), new("Pod"), new("Container"), new("Resource"),
    ];

    private static readonly TableColumn[] MoreColumns = [new("Health"), new("Unit")];

    public static string Draw(IReadOnlyList<AllocationRow> rows, bool isWide) => isWide
        ? TextTable.Draw([.. Columns, .. MoreColumns], [.. rows.Select(row => (string?[])[.. Cells(row), .. MoreCells(row)])])
        : TextTable.Draw(Columns, [.. rows.Select(Cells)]);

    private static string?[] Cells(AllocationRow row) =>
    [
        // What the node does not have is known by its id alone.
        row.Device?.Name ?? row.Unit.DeviceId, row.Device?.PciAddress.ToString(), row.Unit.Cores?.ToString() ?? Cores(row.Device),
        State(row), row.Holder?.Namespace, row.Holder?.Pod, row.Holder?.Container, row.Holder?.Resource,
    ];

    private static string?[] MoreCells(AllocationRow row) =>
        [row.Device is { } device ? DeviceTable.Health(device.Health) : null, row.Unit.ToString()];

    private static string? Cores(NpuDevice? device) => device is null ? null : DeviceTable.Cores(device.Cores);

    /// <summary>With what is wrong behind it: <c>held, unhealthy</c>.</summary>
    private static string State(AllocationRow row) => string.Join(", ", (IEnumerable<string>)
    [
        DeviceDocument.NameOf(row.State),
        .. row.Findings.Where(finding => finding.Fault != AllocationFault.Phantom)
            .Select(finding => Word(finding.Fault, row.Device)).Distinct(),
    ]);

    private static string Word(AllocationFault fault, NpuDevice? device) => fault switch
    {
        AllocationFault.DoubleAllocation => "double",
        AllocationFault.Overlap => "overlap",
        _ => DeviceDocument.NameOf(device?.Health.State ?? HealthState.Unknown),
    };
}
