using System.Globalization;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>The table of <c>furiosactl info</c>, and one with more columns.</summary>
internal static class DeviceTable
{
    private static readonly TableColumn[] Columns =
    [
        new("NPU"), new("Name"), new("Temp.", IsNumber: true), new("Power", IsNumber: true), new("PCI-BDF"), new("PCI-DEV"),
    ];

    private static readonly TableColumn[] MoreColumns =
    [
        new("Cores"), new("NUMA"), new("Firmware"), new("Driver"), new("Serial"), new("UUID"), new("Health"),
    ];

    public static string Draw(IEnumerable<SensorReadings> cards, bool isWide) => isWide
        ? TextTable.Draw([.. Columns, .. MoreColumns], [.. cards.Select(card => (string?[])[.. Cells(card), .. MoreCells(card.Device)])])
        : TextTable.Draw(Columns, [.. cards.Select(Cells)]);

    private static string?[] Cells(SensorReadings card) =>
    [
        card.Device.Name, Name(card.Device), Celsius(card.CardTemperature), Watts(card.CardPower), card.Device.PciAddress.ToString(),
        card.Device.CharDevice?.ToString(),
    ];

    private static string?[] MoreCells(NpuDevice device) =>
    [
        Cores(device.Cores), device.NumaNode?.ToString(CultureInfo.InvariantCulture), Version(device.FirmwareVersion),
        Version(device.DriverVersion), device.Serial, device.Uuid, Health(device.Health),
    ];

    /// <summary>The maker of the chip and the kind of card, as furiosactl names them.</summary>
    private static string Name(NpuDevice device)
    {
        var maker = device.Platform == NpuPlatform.Vitis ? "VITIS" : "FuriosaAI";
        var kind = device.Product.StartsWith("warboy", StringComparison.Ordinal) ? "Warboy" : device.Product.ToUpperInvariant();
        return $"{maker} {kind}";
    }

    private static string? Celsius(TemperatureReading? temperature) => temperature is { Millicelsius: var millicelsius }
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Round(millicelsius / 1000m, MidpointRounding.AwayFromZero):0}°C")
        : null;

    private static string? Watts(PowerReading? power) => power is { Microwatts: var microwatts }
        ? string.Create(CultureInfo.InvariantCulture, $"{microwatts / 1_000_000m:0.00} W")
        : null;

    /// <summary>Neighbours together: <c>0-7</c>, or <c>0-1,3</c>.</summary>
    public static string? Cores(EquatableArray<int> cores)
    {
        var ranges = new List<CoreRange>();
        foreach (var core in cores)
        {
            if (ranges is [.., var last] && last.End == core - 1)
                ranges[^1] = last with { End = core };
            else
                ranges.Add(new CoreRange(core, core));
        }

        return ranges.Count == 0 ? null : string.Join(',', ranges);
    }

    private static string? Version(NpuVersion? version) =>
        version is { Reference: { } reference } ? $"{version}, {reference}" : version?.ToString();

    public static string Health(DeviceHealth health) =>
        health.Reason is { } reason ? $"{DeviceDocument.NameOf(health.State)}: {reason}" : DeviceDocument.NameOf(health.State);
}
