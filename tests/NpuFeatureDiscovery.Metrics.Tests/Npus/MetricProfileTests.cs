using System.Buffers;
using System.Text;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Npus;

namespace NpuFeatureDiscovery.Metrics.Tests.Npus;

public sealed class MetricProfileTests
{
    private const string Card = "arch=\"warboy\",device=\"npu0\"";
    private const string Rest = "pci_bus_id=\"0000:01:00.0\",uuid=\"UUID-0\"";

    private static readonly SensorReadings Warboy = new()
    {
        Device = new NpuDevice
        {
            Family = NpuFamily.Warboy,
            Platform = NpuPlatform.FuriosaAI,
            Product = "warboyB0",
            Index = 0,
            PciAddress = new PciAddress(0, 1, 0, 0),
            Uuid = "UUID-0",
            DriverVersion = new NpuVersion(1, 9, 2),
            Cores = [0, 1],
            Health = DeviceHealth.Healthy,
        },
        Uptime = TimeSpan.FromSeconds(42),
        Errors = [new ErrorCount("device_error", 3)],
        Clocks = [new ClockReading("ne tensor", 2000, ClockUnit.Megahertz), new ClockReading("dram", 4266, ClockUnit.MegatransfersPerSecond)],
        Temperatures = [new TemperatureReading("Peak", "temp1", 41500), new TemperatureReading("AMBIENT", "temp2", 36000)],
        Powers = [new PowerReading("PCI Total RMS PWR", "power1", 1370000)],
        Voltages = [new VoltageReading("NE Core Volt", "in1", 742)],
        Currents = [new CurrentReading("NE Current", "curr1", 919)],
    };

    [Test]
    public void Sdk_has_the_names_and_units_of_the_SDK_page() =>
        Assert.That(Print(MetricProfiles.Sdk, Warboy), Is.EqualTo(
        [
            $$"""furiosa_npu_alive{{{Card}},{{Rest}}} 1""",
            $$"""furiosa_npu_clock_frequency{{{Card}},label="dram",{{Rest}}} 4266""",
            $$"""furiosa_npu_clock_frequency{{{Card}},label="ne tensor",{{Rest}}} 2000""",
            $$"""furiosa_npu_error{{{Card}},label="device_error",{{Rest}}} 3""",
            $$"""furiosa_npu_hw_current{{{Card}},label="NE Current",{{Rest}}} 919""",
            $$"""furiosa_npu_hw_power{{{Card}},label="PCI Total RMS PWR",{{Rest}}} 1370000""",
            $$"""furiosa_npu_hw_temperature{{{Card}},label="AMBIENT",{{Rest}}} 36000""",
            $$"""furiosa_npu_hw_temperature{{{Card}},label="Peak",{{Rest}}} 41500""",
            $$"""furiosa_npu_hw_voltage{{{Card}},label="NE Core Volt",{{Rest}}} 742""",
            $$"""furiosa_npu_uptime{{{Card}},{{Rest}}} 42""",
        ]));

    [Test]
    public void Base_units_are_named_as_Prometheus_asks_for() =>
        Assert.That(Print(MetricProfiles.BaseUnits, Warboy), Is.EqualTo(
        [
            """furiosa_driver_info{arch="warboy",version="1.9.2"} 1""",
            $$"""furiosa_npu_alive{{{Card}},{{Rest}}} 1""",
            $$"""furiosa_npu_current_amperes{{{Card}},label="NE Current",{{Rest}}} 0.919""",
            $$"""furiosa_npu_errors_total{{{Card}},kind="device_error",{{Rest}}} 3""",
            $$"""furiosa_npu_frequency_hertz{{{Card}},label="ne tensor",{{Rest}}} 2000000000""",
            $$"""furiosa_npu_info{{{Card}},driver_version="1.9.2",pci_bus_id="0000:01:00.0",product="warboyB0",uuid="UUID-0"} 1""",
            $$"""furiosa_npu_memory_transfers_per_second{{{Card}},label="dram",{{Rest}}} 4266000000""",
            $$"""furiosa_npu_power_watts{{{Card}},label="PCI Total RMS PWR",{{Rest}}} 1.37""",
            $$"""furiosa_npu_temperature_celsius{{{Card}},label="AMBIENT",{{Rest}}} 36""",
            $$"""furiosa_npu_temperature_celsius{{{Card}},label="Peak",{{Rest}}} 41.5""",
            $$"""furiosa_npu_uptime_seconds{{{Card}},{{Rest}}} 42""",
            $$"""furiosa_npu_voltage_volts{{{Card}},label="NE Core Volt",{{Rest}}} 0.742""",
        ]));

    [Test]
    public void Current_has_the_names_and_units_of_the_exporter_of_2025()
    {
        const string card = "arch=\"warboy\",core=\"0-1\",device=\"npu0\",driver_version=\"1.9.2\"";

        Assert.That(Print(MetricProfiles.Current, Warboy), Is.EqualTo(
        [
            $$"""furiosa_npu_alive{{{card}},{{Rest}}} 1""",
            $$"""furiosa_npu_hw_power{{{card}},label="rms",{{Rest}}} 1.37""",
            $$"""furiosa_npu_hw_temperature{{{card}},label="ambient",{{Rest}}} 36""",
            $$"""furiosa_npu_hw_temperature{{{card}},label="peak",{{Rest}}} 41.5""",
        ]));
    }

    [TestCaseSource(typeof(MetricProfiles), nameof(MetricProfiles.Names))]
    public void A_card_that_does_not_answer_is_not_alive_and_has_no_other_values(string profile)
    {
        var hanging = new SensorReadings { Device = Warboy.Device, Failure = "no answer within 1 s" };

        Assert.That(
            Print(profile, hanging).Where(line => !line.Contains("_info{")), Has.Exactly(1).Items.And.All.StartsWith("furiosa_npu_alive{").And
                .All.EndsWith(" 0"));
    }

    [Test]
    public void Sensors_of_the_same_name_are_told_apart_by_their_channels()
    {
        var readings = Warboy with { Temperatures = [new("NE", "temp1", 1000), new("NE", "temp2", 2000)] };

        Assert.That(
            Print(MetricProfiles.Sdk, readings), Has.Some.Contains("label=\"NE temp1\"").And.Some.Contains("label=\"NE temp2\""));
    }

    [TestCase("sdk,current", "choose one")]
    [TestCase("SDK,Current", "choose one")]
    [TestCase("sdk,gamma", "'gamma' is unknown")]
    [TestCase("", "at least one")]
    public void Profiles_that_do_not_go_together_are_refused(string profiles, string reason) =>
        Assert.That(MetricProfiles.Error(profiles.Split(',', StringSplitOptions.RemoveEmptyEntries)), Does.Contain(reason));

    [TestCase("sdk,base-units")]
    [TestCase("base-units,current")]
    public void Base_units_go_with_either(string profiles) => Assert.That(MetricProfiles.Error(profiles.Split(',')), Is.Null);

    private static IEnumerable<string> Print(string profile, params IReadOnlyList<SensorReadings> readings)
    {
        var text = new ArrayBufferWriter<byte>();
        MetricsFormat.PrometheusText.Write(text, [.. MetricProfiles.Find(profile)!.CreateFamilies(new NpuScrape(readings))]);
        return Encoding.UTF8.GetString(text.WrittenSpan).Split('\n').Where(line => line.Length > 0 && line[0] != '#');
    }
}
