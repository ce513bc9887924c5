using NpuFeatureDiscovery.Devices.Reading;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Devices.Tests.Reading;

/// <summary>The text of single attributes, names of files and ids.</summary>
public sealed class AttributeFuzzTests
{
    private static readonly FuzzTarget Target = new("card-attribute")
    {
        Words =
        [
            "v1.2.3", "1.2.3 (", "1.2.3-", "1.2.3,", " (MHz): ", " (MT/s): ", "0x", "0xffffffff", "CycleCount: ", "_cores_", "npu", "pe0-1",
            "_mgmt", "ch0r", "pci0000:00/", "0000:00:1f.7", "ffffffff:", "4 (",
        ],
        MaxSize = 16 * 1024,
        Rounds = 4_000,
    };

    [Test]
    public void What_is_taken_for_a_version_an_address_or_an_id_is_written_as_what_reads_back_the_same() => Fuzz.Check(Target, input =>
    {
        var text = SysfsFile.TextOf(input);
        if (NpuVersion.TryParse(text, out var version) && version.Prerelease is null)
            Fuzz.Require(NpuVersion.TryParse(version.ToString(), out var again) && again == version with { Reference = null }, $"Version '{version}'");
        if (PciAddress.TryParse(text, out var address))
            Fuzz.Require(PciAddress.Parse(address.ToString()) == address, $"Address '{address}'");
        if (DeviceNumber.TryParse(text, out var number))
            Fuzz.Require(DeviceNumber.TryParse(number.ToString(), out var same) && same == number, $"Number '{number}'");
        if (UnitId.TryParse(text, out var unit))
            Fuzz.Require(unit.ToString() == text, $"Unit '{unit}'");
        if (PciPath.TryParse(text, address, out var path))
            Fuzz.Require(path.HostBridge.Length > 0, $"Path '{path}'");
    });

    [Test]
    public void Whatever_a_sensor_writes_it_is_a_value_in_its_bounds_or_none() => Fuzz.Check(Target, input =>
    {
        var text = SysfsFile.TextOf(input);
        _ = SensorText.TryParseNumber(text, out _);
        if (SensorText.TryParseError(text, out var error))
            Fuzz.Require(error.Count >= 0 && error.Kind.Length > 0, $"{error}");
        if (SensorText.TryParseClock(text, out var clock))
            Fuzz.Require(clock.Value >= 0 && clock.Name.Length > 0, $"{clock}");
        if (SensorText.TryParsePerformanceMode(text, out var mode))
            Fuzz.Require(text.StartsWith($"{mode.Number}", StringComparison.Ordinal) || text[0] is '0' or '+', $"{mode}");
        if (!SensorText.TryParseCounters(text, TimeSpan.FromSeconds(1), out var sample, out var missing))
            Fuzz.Require(missing.Length > 0, "Nothing is missing.");
        else if (CoreUtilization.Between(default, sample) is { } load)
            Fuzz.Require(load.Utilization is >= 0 and <= 1 && load.ComputationRatio is null or (>= 0 and <= 1), $"{load}");
    });

    [Test]
    public void Whatever_a_file_in_dev_is_called_it_is_a_node_of_a_card_or_not() => Fuzz.Check(Target, input =>
    {
        var text = SysfsFile.TextOf(input);
        if (DeviceNodeName.TryParse(text, out var name))
            Fuzz.Require(name.Index is >= 0 and <= DeviceNodeName.MaxNumber && text.StartsWith($"npu{name.Index}", StringComparison.Ordinal), $"{name}");
    });

    [Test]
    public void What_is_shown_of_a_text_is_one_short_line() => Fuzz.Check(Target, input =>
    {
        var shown = Excerpt.Of(SysfsFile.TextOf(input));
        Fuzz.Require(shown.Length <= 81 && !shown.Any(char.IsControl), shown);
    });
}
