using System.Text.Json;
using System.Text.Json.Serialization;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>
/// The cards as a document for scripts: keys stay, a unit stands in the key, and what is not known is null.
/// </summary>
internal sealed record DeviceDocument(
    IReadOnlyList<DeviceDocument.Card> Devices, IReadOnlyList<DeviceDocument.Problem> Problems)
{
    private static readonly DeviceDocumentContext Json = new(DocumentJson.CreateOptions(isIndented: true));
    private static readonly DeviceDocumentContext Line = new(DocumentJson.CreateOptions(isIndented: false));

    public static DeviceDocument Create(IEnumerable<SensorReadings> cards, IEnumerable<ReadProblem> problems) => new(
        [.. cards.Select(card => Card.Create(card))],
        [.. problems.Select(Problem.Create)]);

    /// <summary>The word for a value of an enumeration, as in the keys: <c>deviceLeftOut</c>.</summary>
    public static string NameOf<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public string ToJson() => JsonSerializer.Serialize(this, Json.DeviceDocument) + "\n";

    public string ToJsonLine() => JsonSerializer.Serialize(this, Line.DeviceDocument) + "\n";

    public string ToYaml() => YamlText.Of(JsonSerializer.SerializeToElement(this, Json.DeviceDocument));

    internal sealed record Card(
        string Name, string Family, string Product, int Index, string PciAddress, string? CharDevice, string? Uuid, string? Serial,
        string? DriverVersion, string? DriverReference, string? FirmwareVersion, string? FirmwareReference, int? NumaNode,
        IReadOnlyList<int> Cores, IReadOnlyList<string> DeviceNodes, string Health, string? HealthReason,
        long? TemperatureMillicelsius, long? PowerMicrowatts, long? UptimeSeconds, string? PerformanceMode,
        IReadOnlyList<Error> Errors, IReadOnlyList<Temperature> Temperatures, IReadOnlyList<Power> Powers,
        IReadOnlyList<Voltage> Voltages, IReadOnlyList<Current> Currents, IReadOnlyList<Clock> Clocks)
    {
        public static Card Create(SensorReadings readings)
        {
            var device = readings.Device;
            return new Card(
                device.Name, NameOf(device.Family), device.Product, device.Index, device.PciAddress.ToString(),
                device.CharDevice?.ToString(), device.Uuid, device.Serial, device.DriverVersion?.ToString(),
                device.DriverVersion?.Reference, device.FirmwareVersion?.ToString(), device.FirmwareVersion?.Reference,
                device.NumaNode, device.Cores, [.. device.DeviceNodes.Select(node => node.Path)], NameOf(device.Health.State),
                device.Health.Reason, readings.CardTemperature?.Millicelsius, readings.CardPower?.Microwatts,
                (long?)readings.Uptime?.TotalSeconds, readings.PerformanceMode?.Name,
                [.. readings.Errors.Select(error => new Error(error.Kind, error.Count))],
                [.. readings.Temperatures.Select(reading => new Temperature(reading.Label, reading.Millicelsius))],
                [.. readings.Powers.Select(reading => new Power(reading.Label, reading.Microwatts))],
                [.. readings.Voltages.Select(reading => new Voltage(reading.Label, reading.Millivolts))],
                [.. readings.Currents.Select(reading => new Current(reading.Label, reading.Milliamperes))],
                [.. readings.Clocks.Select(Clock.Create)]);
        }
    }

    internal sealed record Error(string Kind, long Count);

    internal sealed record Temperature(string Label, long Millicelsius);

    internal sealed record Power(string Label, long Microwatts);

    internal sealed record Voltage(string Label, long Millivolts);

    internal sealed record Current(string Label, long Milliamperes);

    internal sealed record Clock(string Name, long? Megahertz, long? MegatransfersPerSecond)
    {
        public static Clock Create(ClockReading clock) => clock.Unit == ClockUnit.Megahertz
            ? new Clock(clock.Name, clock.Value, null)
            : new Clock(clock.Name, null, clock.Value);
    }

    internal sealed record Problem(string Path, string Kind, string Reason)
    {
        public static Problem Create(ReadProblem problem) => new(problem.Path, NameOf(problem.Kind), problem.Reason);
    }
}

[JsonSerializable(typeof(DeviceDocument))]
internal sealed partial class DeviceDocumentContext : JsonSerializerContext;
