using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Metrics.Pods;

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

    private static readonly CoreLoad[] Loads =
    [
        new CoreLoad(0, 0.5, 0.8, TimeSpan.FromSeconds(12.5)), new CoreLoad(1, 0, null, TimeSpan.Zero),
    ];

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

    [Test]
    public void Sdk_has_utilization_in_percent_of_each_core() =>
        Assert.That(Print(MetricProfiles.Sdk, [Warboy], loads: Loads).Where(line => line.Contains("utilization")), Is.EqualTo(
        [
            """furiosa_npu_core_utilization{arch="warboy",core="0",device="npu0",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 50""",
            """furiosa_npu_core_utilization{arch="warboy",core="1",device="npu0",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 0""",
        ]));

    [Test]
    public void Base_units_have_utilization_as_a_ratio_and_a_counter() =>
        Assert.That(Print(MetricProfiles.BaseUnits, [Warboy], loads: Loads).Where(line => line.Contains("core=")), Is.EqualTo(
        [
            """furiosa_npu_computation_ratio{arch="warboy",core="0",device="npu0",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 0.8""",
            """furiosa_npu_core_busy_seconds_total{arch="warboy",core="0",device="npu0",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 12.5""",
            """furiosa_npu_core_busy_seconds_total{arch="warboy",core="1",device="npu0",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 0""",
            """furiosa_npu_utilization_ratio{arch="warboy",core="0",device="npu0",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 0.5""",
            """furiosa_npu_utilization_ratio{arch="warboy",core="1",device="npu0",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 0""",
        ]));

    [Test]
    public void Current_has_the_clock_and_the_utilization_of_each_core()
    {
        var rngd = new SensorReadings
        {
            Device = Warboy.Device with { Family = NpuFamily.Rngd, Cores = [0, 1] },
            Clocks = [new ClockReading("pe0", 1000, ClockUnit.Megahertz), new ClockReading("pe1", 900, ClockUnit.Megahertz)],
        };

        Assert.That(Print(MetricProfiles.Current, [rngd], "node-1", Loads).Where(line => line.Contains("_core_")), Is.EqualTo(
        [
            """furiosa_npu_core_frequency{arch="rngd",core="0",device="npu0",driver_version="1.9.2",hostname="node-1",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 1000""",
            """furiosa_npu_core_frequency{arch="rngd",core="1",device="npu0",driver_version="1.9.2",hostname="node-1",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 900""",
            """furiosa_npu_core_utilization{arch="rngd",core="0",device="npu0",driver_version="1.9.2",hostname="node-1",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 50""",
            """furiosa_npu_core_utilization{arch="rngd",core="1",device="npu0",driver_version="1.9.2",hostname="node-1",pci_bus_id="0000:01:00.0",uuid="UUID-0"} 0""",
        ]));
    }

    [TestCase(MetricProfiles.Sdk, "node", ".")]
    [TestCase(MetricProfiles.Current, "hostname", ".")]
    [TestCase(MetricProfiles.BaseUnits, "node", "^furiosa_npu_info")]
    public void The_node_is_named_as_the_profile_has_it(string profile, string label, string series)
    {
        var named = Print(profile, [Warboy], "node-1", Loads).Where(line => line.Contains($"{label}=\"node-1\"")).ToArray();

        Assert.That(named, Is.EqualTo(Print(profile, [Warboy], "node-1", Loads).Where(line => Regex.IsMatch(line, series))));
        Assert.That(Print(profile, [Warboy], null, Loads), Has.None.Contains("node"));
    }

    [TestCaseSource(typeof(MetricProfiles), nameof(MetricProfiles.Names))]
    public void Gauges_name_the_Pod_and_what_counts_or_informs_does_not(string profile)
    {
        var allocation = new Allocation(new UnitId("UUID-0"), "beta.furiosa.ai/npu", "jobs", "train", "main");
        var holders = CardHolders.Of([Warboy.Device], new DeviceIds(), [allocation]).Single();

        var lines = Print(profile, [Warboy], loads: Loads, holders: holders).ToLookup(line => line.Contains("namespace=\"jobs\"")
            && line.Contains("pod=\"train\"") && line.Contains("container=\"main\""));

        Assert.That(lines[true], Has.Some.StartsWith("furiosa_npu_alive{"));
        Assert.That(lines[false], Is.All.Match("^[a-z_]+(_total|_info|_error){"));
        Assert.That(lines[true], Has.None.Match("^[a-z_]+(_total|_info|_error){"));
    }

    [Test]
    public void A_label_without_a_value_is_left_out()
    {
        var nameless = Warboy with { Device = Warboy.Device with { Uuid = null, DriverVersion = null } };

        Assert.That(MetricProfiles.Names.SelectMany(profile => Print(profile, nameless)), Has.None.Contains("=\"\""));
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

    private static IEnumerable<string> Print(string profile, SensorReadings reading) => Print(profile, [reading]);

    private static IEnumerable<string> Print(
        string profile, IReadOnlyList<SensorReadings> readings, string? nodeName = null, IReadOnlyList<CoreLoad>? loads = null,
        CardHolders? holders = null)
    {
        var text = new ArrayBufferWriter<byte>();
        var scrape = new NpuScrape([.. readings.Select(reading => new NpuCard(reading, loads ?? [], holders ?? CardHolders.Untold))], nodeName);
        MetricsFormat.PrometheusText.Write(text, [.. MetricProfiles.Find(profile)!.CreateFamilies(scrape)]);
        return Encoding.UTF8.GetString(text.WrittenSpan).Split('\n').Where(line => line.Length > 0 && line[0] != '#');
    }
}
