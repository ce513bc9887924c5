using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests.Sensors;

public sealed class SensorReaderTests : IDisposable
{
    private static readonly string[] ErrorKinds =
    [
        "axi_post_error", "axi_fetch_error", "axi_discard_error", "axi_doorbell_done", "pcie_post_error", "pcie_fetch_error",
        "pcie_discard_error", "pcie_doorbell_done", "device_error",
    ];

    private readonly HostTree _host = new();
    private readonly ManualTimeProvider _time = new();
    private readonly SensorReader _reader;

    public SensorReaderTests() => _reader = new SensorReader(_host.Root, _time, TimeSpan.FromSeconds(20));

    public void Dispose()
    {
        _reader.Dispose();
        _host.Dispose();
    }

    [Test]
    public void Every_sensor_of_a_Warboy_is_read()
    {
        _host.AddWarboy(0);

        var readings = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(readings.Device.Name, Is.EqualTo("npu0"));
            Assert.That(readings.Failure, Is.Null);
            Assert.That(readings.Problems, Is.Empty);
            Assert.That(readings.Uptime, Is.EqualTo(TimeSpan.FromSeconds(14649)));
            Assert.That(readings.Errors, Is.EqualTo(ErrorKinds.Select(kind => new ErrorCount(kind, 0))));
            Assert.That(readings.Clocks, Is.EqualTo((ClockReading[])[
                new("ne tensor", 2000, ClockUnit.Megahertz), new("ne memory", 1000, ClockUnit.Megahertz),
                new("ne operation", 1000, ClockUnit.Megahertz), new("dram", 4266, ClockUnit.MegatransfersPerSecond)]));
            Assert.That(readings.PerformanceMode, Is.EqualTo(new PerformanceMode(4, "FULL 1")));
            Assert.That(readings.Temperatures.Select(reading => $"{reading.Channel} {reading.Label} {reading.Millicelsius}"), Is.EqualTo([
                "temp1 AMBIENT 36000", "temp2 LPDDR4 37000", "temp3 PCIE 38000", "temp4 U74M 39000", "temp5 NE 40000",
                "temp6 NE_TOP 41000", "temp7 NE_PE0 42000", "temp8 NE_PE1 43000", "temp9 Average 40000", "temp10 Peak 43000"]));
            Assert.That(readings.Powers, Has.Count.EqualTo(6));
            Assert.That(readings.Powers[0], Is.EqualTo(new PowerReading("PCI Total RMS PWR", "power1", 9246000)));
            Assert.That(readings.Voltages, Is.EqualTo((VoltageReading[])[new("NE Core 48V Volt", "in0", 48116), new("NE Core Volt", "in1", 782)]));
            Assert.That(readings.Currents.Select(reading => reading.Milliamperes), Is.EqualTo([635, 492, 449, 5954]));
            Assert.That(readings.CoreCounters.Select(counters => counters.Cores.ToString()), Is.EqualTo(["0", "1", "0-1"]));
            Assert.That(readings.CoreCounters[0].Sample, Is.EqualTo(
                new CounterSample(TimeSpan.Zero, 0xb32cac355, 0x4a076873, 0x3cf0db17)));
        }
    }

    [Test]
    public async Task All_but_the_counters_can_be_read_without_them()
    {
        var card = _host.AddWarboy(0);
        using var nodes = new NodeReader(_host.Root);
        var devices = nodes.Read().Devices;
        var all = _reader.Read(devices)[0];
        card.Without("cur_pe_ids");
        _host.MakeUnreadable(card.CountersOf("0"));

        var readings = await _reader.ReadAllButCountersAsync(devices);

        Assert.That(readings[0], Is.EqualTo(all with { CoreCounters = [] }));
    }

    [Test]
    public void Every_sensor_of_an_RNGD_is_read()
    {
        _host.AddRngd(0);

        var readings = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(readings.Problems, Is.Empty);
            Assert.That(readings.Uptime, Is.EqualTo(TimeSpan.FromSeconds(388204)));
            Assert.That(readings.Errors, Has.Count.EqualTo(9));
            Assert.That(readings.Clocks, Is.EqualTo(
                Enumerable.Range(0, 8).Select(core => new ClockReading($"pe{core}", 1000, ClockUnit.Megahertz))));
            Assert.That(readings.PerformanceMode, Is.Null);
            Assert.That(readings.Temperatures, Has.Count.EqualTo(10));
            Assert.That(readings.Powers.Single(), Is.EqualTo(new PowerReading("RMS_TOTAL", "power1", 85056000)));
            Assert.That(readings.Voltages, Is.Empty);
            Assert.That(readings.Currents, Is.Empty);
            Assert.That(readings.CoreCounters, Is.Empty);
        }
    }

    [Test]
    public void The_card_as_a_whole_has_the_average_temperature_and_the_total_power()
    {
        _host.AddWarboy(0);

        Assert.That((Read().CardTemperature?.Label, Read().CardPower?.Label), Is.EqualTo(("Average", "PCI Total RMS PWR")));
    }

    [Test]
    public void A_card_without_an_average_has_its_peak()
    {
        _host.AddRngd(0);

        Assert.That((Read().CardTemperature?.Label, Read().CardPower?.Label), Is.EqualTo(("PEAK", "RMS_TOTAL")));
    }

    [Test]
    public void A_card_that_measures_nothing_as_a_whole_has_neither()
    {
        var card = _host.AddWarboy(0);
        foreach (var channel in (string[])["temp9", "temp10", "power1"])
            _host.Delete($"{card.HwmonFolder}/{channel}_label");

        Assert.That((Read().CardTemperature, Read().CardPower), Is.EqualTo(((TemperatureReading?)null, (PowerReading?)null)));
    }

    [TestCase("heartbeat")]
    [TestCase("atr_error")]
    [TestCase("ne_clk_freq_info")]
    [TestCase("performance_mode")]
    public void An_attribute_that_is_missing_costs_itself_and_is_named(string attribute)
    {
        var card = _host.AddWarboy(0);
        var whole = Read();

        card.Without(attribute);
        var readings = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(readings.Problems, Is.EqualTo([new ReadProblem(card.PathOf(attribute), ReadProblemKind.Missing, "does not exist")]));
            Assert.That(CountOf(readings), Is.LessThan(CountOf(whole)));
            Assert.That(readings.Temperatures, Is.EqualTo(whole.Temperatures));
        }
    }

    [TestCase("heartbeat", "soon")]
    [TestCase("heartbeat", "-1")]
    [TestCase("heartbeat", "99999999999999999999")]
    [TestCase("performance_mode", "FULL")]
    [TestCase("performance_mode", "4 (FULL")]
    public void A_text_that_is_not_understood_costs_its_reading_and_is_quoted(string attribute, string text)
    {
        var card = _host.AddWarboy(0).Set(attribute, text);

        Assert.That(Read().Problems.Single(), Has.Property("Kind").EqualTo(ReadProblemKind.Malformed)
            .And.Property("Path").EqualTo(card.PathOf(attribute)).And.Property("Reason").Contain($"'{text}'"));
    }

    [TestCase("atr_error", "AXI Post Error: many")]
    [TestCase("atr_error", "AXI Post Error: -1")]
    [TestCase("atr_error", "Device Error: 5")]
    [TestCase("atr_error", ": 5")]
    [TestCase("ne_clk_freq_info", "ne tensor (GHz): 2")]
    [TestCase("ne_clk_freq_info", "ne tensor: 2000")]
    [TestCase("ne_clk_freq_info", "dram (MT/s): 1")]
    public void A_line_that_is_not_understood_or_said_twice_costs_that_line(string attribute, string line)
    {
        var card = _host.AddWarboy(0);
        var whole = Read();

        card.Set(attribute, $"{File.ReadAllText(card.PathOf(attribute))}{line}\n");
        var readings = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(readings.Problems.Single().Reason, Does.Contain($"'{line}'"));
            Assert.That(readings with { Problems = [] }, Is.EqualTo(whole));
        }
    }

    [Test]
    public void Error_counts_are_those_that_the_card_tells()
    {
        _host.AddWarboy(0).Set("atr_error", "PCIe Post Error: 17\r\nDevice Error:4294967295\n");

        Assert.That(Read().Errors, Is.EqualTo((ErrorCount[])[new("pcie_post_error", 17), new("device_error", uint.MaxValue)]));
    }

    [Test]
    public void A_clock_of_RNGD_that_is_not_understood_leaves_the_others_their_names()
    {
        _host.AddRngd(0).Set("npu_clocks", "1000\nfast\n500\n");

        Assert.That(Read().Clocks.Select(clock => $"{clock.Name} {clock.Value}"), Is.EqualTo(["pe0 1000", "pe2 500"]));
    }

    [Test]
    public void A_channel_without_a_label_is_called_by_its_number()
    {
        var card = _host.AddWarboy(0);
        _host.Delete($"{card.HwmonFolder}/temp2_label");
        _host.Write($"{card.HwmonFolder}/in0_label", "\n");

        Assert.That((Read().Temperatures[1].Label, Read().Voltages[0].Label), Is.EqualTo(("2", "0")));
    }

    [Test]
    public void A_channel_that_fails_costs_itself_alone()
    {
        var card = _host.AddWarboy(0);
        _host.MakeUnreadable($"{card.HwmonFolder}/temp1_input");
        _host.Write($"{card.HwmonFolder}/temp2_input", "hot\n");
        _host.Delete($"{card.HwmonFolder}/temp3_input");
        _host.MakeUnreadable($"{card.HwmonFolder}/temp4_label");

        var readings = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(readings.Temperatures.Select(reading => reading.Channel), Is.EqualTo(["temp5", "temp6", "temp7", "temp8", "temp9", "temp10"]));
            Assert.That(readings.Powers, Has.Count.EqualTo(6));
            Assert.That(readings.Problems.Select(problem => $"{Path.GetFileName(problem.Path)} {problem.Kind}"), Is.EquivalentTo([
                "temp1_input Unreadable", "temp2_input Malformed", "temp3_input Missing", "temp4_label Unreadable"]));
        }
    }

    [Test]
    public void Temperatures_below_zero_and_files_that_are_no_sensors_are_no_trouble()
    {
        var card = _host.AddWarboy(0);
        _host.Write($"{card.HwmonFolder}/temp1_input", "-5000\n");
        foreach (var name in (string[])["uevent", "temp_input", "temp999_input", "temp1_max", "fan1_input", "power7_input", "temp1_input_x"])
            _host.Write($"{card.HwmonFolder}/{name}", "1\n");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Read().Temperatures[0].Millicelsius, Is.EqualTo(-5000));
            Assert.That(Read().Temperatures, Has.Count.EqualTo(10));
            Assert.That(Read().Problems, Is.Empty);
        }
    }

    [Test]
    public void A_card_without_hwmon_says_so_and_is_measured_as_soon_as_it_has_one()
    {
        var card = _host.AddWarboy(0);
        Directory.Move(_host.At(card.HwmonFolder), _host.At("/hwmon9"));

        var without = Read();
        Directory.Move(_host.At("/hwmon9"), _host.At($"{card.PciFolder}/hwmon/hwmon9"));
        var with = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(without.Problems.Single().Path, Is.EqualTo(_host.At($"{card.PciFolder}/hwmon")));
            Assert.That(without.Temperatures, Is.Empty);
            Assert.That(with.Temperatures, Has.Count.EqualTo(10));
        }
    }

    [Test]
    public void Counters_that_may_not_be_read_belong_to_cores_that_nobody_uses()
    {
        var card = _host.AddWarboy(0);
        _host.MakeDenied(card.CountersOf("1"));
        _host.MakeUnreadable(card.CountersOf("0-1"));

        var readings = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(readings.CoreCounters.Select(counters => (counters.Cores.ToString(), counters.Sample is null)), Is.EqualTo([
                ("0", false), ("1", true)]));
            Assert.That(readings.Problems.Single(), Has.Property("Kind").EqualTo(ReadProblemKind.Unreadable)
                .And.Property("Path").EqualTo(_host.At(card.CountersOf("0-1"))));
        }
    }

    [TestCase("TaskExecutionTime: 0x1\nTensorExecutionTime: 0x1\nCycleCount: 0x1\n", "CycleCountHigh")]
    [TestCase("TaskExecutionTime: 0x1\nTensorExecutionTime: 1\nCycleCount: 0x1\nCycleCountHigh: 0x1\n", "TensorExecutionTime")]
    [TestCase("TaskExecutionTime: 0x123456789\nTensorExecutionTime: 0x1\nCycleCount: 0x1\nCycleCountHigh: 0x1\n", "TaskExecutionTime")]
    [TestCase("garbage", "TaskExecutionTime")]
    public void Counters_need_all_four_that_utilization_is_made_of(string text, string missing)
    {
        var card = _host.AddWarboy(0).AddCounters("1", text);

        var readings = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(readings.CoreCounters, Has.Count.EqualTo(2));
            Assert.That(readings.Problems.Single().Path, Is.EqualTo(_host.At(card.CountersOf("1"))));
            Assert.That(readings.Problems.Single().Reason, Does.Contain($"no {missing},"));
        }
    }

    [Test]
    public void Counters_that_cannot_be_told_leave_open_whether_their_cores_are_in_use()
    {
        var card = _host.AddWarboy(0).AddCounters("1", "garbage");
        _host.MakeDenied(card.CountersOf("0"));
        _host.MakeUnreadable(card.CountersOf("0-1"));

        Assert.That(Read().UnknownCounters, Is.EqualTo((CoreRange[])[new(1, 1), new(0, 1)]));
    }

    [Test]
    public void Counters_are_read_alone_for_who_samples_them()
    {
        _host.AddWarboy(0).Without("heartbeat");

        var counters = _reader.ReadCounters([Read().Device]).Single();

        Assert.That(counters, Is.EqualTo(new SensorReadings { Device = counters.Device, CoreCounters = Read().CoreCounters }));
    }

    [Test]
    public void What_a_broken_device_says_is_shown_in_part_and_without_control_characters()
    {
        _host.AddWarboy(0).Set("heartbeat", "1\n2\u001b[31m" + new string('x', 1000));

        Assert.That(Read().Problems.Single().Reason, Does.StartWith("holds '1 2 [31mxx").And.EndWith("xx…', which is not seconds").And.Length.LessThan(120));
    }

    [Test]
    public void Combinations_of_cores_come_and_go_with_what_the_driver_says_of_them()
    {
        var card = _host.AddWarboy(0);
        Read();

        _host.Delete(Path.GetDirectoryName(card.CountersOf("0-1"))!);
        card.Set("cur_pe_ids", "0,1\n");
        var fewer = Read();
        card.AddCounters("0-1", File.ReadAllText(_host.At(card.CountersOf("0")))).Set("cur_pe_ids", "0,1,0-1\n");

        Assert.That((fewer.CoreCounters.Count, fewer.Problems.Count, Read().CoreCounters.Count), Is.EqualTo((2, 0, 3)));
    }

    [Test]
    public void Samples_tell_when_they_were_read()
    {
        _host.AddWarboy(0);

        _time.Advance(TimeSpan.FromSeconds(7));

        Assert.That(Read().CoreCounters[0].Sample?.ReadAt, Is.EqualTo(TimeSpan.FromSeconds(7)));
    }

    [Test]
    public void An_old_driver_lacks_sensors_and_each_is_named()
    {
        _host.AddU250(0);

        Assert.That(Read().Problems.Select(problem => Path.GetFileName(problem.Path)), Is.EqualTo([
            "heartbeat", "atr_error", "ne_clk_freq_info", "performance_mode", "hwmon", "npu_mgmt"]));
    }

    [Test]
    public void Files_are_read_from_the_folder_that_is_there_also_where_the_old_one_was_moved()
    {
        var card = _host.AddWarboy(0);
        var before = Read().Uptime;

        var folder = Directory.ResolveLinkTarget(Path.GetDirectoryName(card.PathOf("heartbeat"))!, returnFinalTarget: true)!.FullName;
        Directory.Move(folder, folder + ".old");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(folder + ".old"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        card.Set("heartbeat", "7\n");

        Assert.That((before, Read().Uptime), Is.EqualTo((TimeSpan.FromSeconds(14649), TimeSpan.FromSeconds(7))));
    }

    [Test]
    public void New_values_are_read_and_a_driver_that_was_loaded_anew_is_followed()
    {
        var card = _host.AddWarboy(0);
        Read();
        File.WriteAllText(_host.At($"{card.HwmonFolder}/temp9_input"), "50000\n");
        var changed = Read();

        Directory.Delete(_host.At($"{card.PciFolder}/hwmon"), recursive: true);
        _host.Write($"{card.PciFolder}/hwmon/hwmon3/temp1_input", "60000\n");
        _host.Write($"{card.PciFolder}/hwmon/hwmon3/temp1_label", "Average\n");

        Assert.That((changed.CardTemperature?.Millicelsius, Read().CardTemperature?.Millicelsius), Is.EqualTo((50000, 60000)));
    }

    [Test]
    public void Cards_are_read_in_the_order_in_which_they_are_given()
    {
        _host.AddWarboy(0);
        _host.AddWarboy(1).Set("heartbeat", "1");
        _host.AddRngd(0);
        using var nodes = new NodeReader(_host.Root);

        var readings = _reader.Read([.. nodes.Read().Devices.Reverse()]);

        Assert.That(readings.Select(reading => $"{reading.Device.Product} {reading.Uptime?.TotalSeconds}"), Is.EqualTo([
            "rngd 388204", "warboyB0 1", "warboyB0 14649"]));
    }

    [TestCase("degraded")]
    [TestCase("mixed")]
    [TestCase("rngd-1")]
    [TestCase("warboy-1")]
    [TestCase("warboy-2")]
    public void In_the_sample_nodes_nothing_is_unreadable_or_not_understood(string sample)
    {
        var root = new HostRoot(Repository.At($"samples/nodes/{sample}"));
        using var nodes = new NodeReader(root);
        using var reader = new SensorReader(root, _time, TimeSpan.FromSeconds(20));

        Assert.That(reader.Read(nodes.Read().Devices).SelectMany(readings => readings.Problems).Select(problem => problem.Kind),
            Is.All.EqualTo(ReadProblemKind.Missing));
    }

    private static int CountOf(SensorReadings readings) => readings.Errors.Count + readings.Clocks.Count
        + (readings.Uptime is null ? 0 : 1) + (readings.PerformanceMode is null ? 0 : 1);

    private SensorReadings Read()
    {
        using var nodes = new NodeReader(_host.Root);
        return _reader.Read(nodes.Read().Devices).Single();
    }
}
