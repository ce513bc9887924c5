using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>The sensors of one card, whose files stay open. Belongs to the one thread that reads them.</summary>
/// <param name="root">The folder that is read as the host.</param>
/// <param name="device">The card; another description of it asks for another reader.</param>
/// <param name="clock">The time since a fixed moment.</param>
internal sealed class CardSensors(HostRoot root, NpuDevice device, Func<TimeSpan> clock) : IDisposable
{
    private readonly NpuDriver _driver = NpuDriver.Of(device.Family);
    private readonly KeptFolder _folder = new(NpuDriver.Of(device.Family).ManagementFolder(root, device.Index), TimeProvider.System);
    private readonly Dictionary<string, KeptFile> _attributes = new(StringComparer.Ordinal);
    private HwmonFolder? _hwmon;
    private CoreFolders? _cores;
    private List<ReadProblem> _problems = [];
    private List<CoreRange> _unknownCounters = [];
    private volatile string _path = NpuDriver.Of(device.Family).ManagementFolder(root, device.Index);

    public NpuDevice Device => device;

    /// <summary>The file or folder that is read, or was read last; for any thread.</summary>
    public string Path => _path;

    public SensorReadings Read(bool withCounters)
    {
        Begin();
        // In this order they are read and their problems are told.
        var uptime = ReadUptime();
        var errors = ReadErrors();
        var clocks = ReadClocks();
        var mode = IsWarboy ? ReadPerformanceMode() : null;
        var hwmon = ReadHwmon();
        var counters = withCounters && IsWarboy ? ReadCoreCounters() : [];
        return new SensorReadings
        {
            Device = device,
            Uptime = uptime,
            Errors = errors,
            Clocks = clocks,
            PerformanceMode = mode,
            Temperatures = Of(HwmonKind.Temperature, (label, channel, value) => new TemperatureReading(label, channel, value)),
            Powers = Of(HwmonKind.Power, (label, channel, value) => new PowerReading(label, channel, value)),
            Voltages = Of(HwmonKind.Voltage, (label, channel, value) => new VoltageReading(label, channel, value)),
            Currents = Of(HwmonKind.Current, (label, channel, value) => new CurrentReading(label, channel, value)),
            CoreCounters = [.. counters],
            UnknownCounters = [.. _unknownCounters],
            Problems = [.. _problems],
        };

        EquatableArray<T> Of<T>(HwmonKind kind, Func<string, string, long, T> create)
        {
            var readings = new List<T>(hwmon.Count);
            foreach (var (sensor, value) in hwmon)
            {
                if (sensor.Kind == kind)
                    readings.Add(create(sensor.Label, sensor.Channel, value));
            }

            return [.. readings];
        }
    }

    /// <summary>Reads the performance counters alone.</summary>
    public SensorReadings ReadCounters()
    {
        Begin();
        var counters = IsWarboy ? ReadCoreCounters() : [];
        return new SensorReadings
        {
            Device = device,
            CoreCounters = [.. counters],
            UnknownCounters = [.. _unknownCounters],
            Problems = [.. _problems],
        };
    }

    public void Dispose()
    {
        foreach (var file in _attributes.Values)
            file.Dispose();

        _hwmon?.Dispose();
        _hwmon = null;
        _cores?.Dispose();
        _cores = null;
    }

    private void Begin()
    {
        _problems = [];
        _unknownCounters = [];
        // The files do not notice that a folder above them is another one now.
        _path = _driver.ManagementFolder(root, device.Index);
        if (!_folder.LookAgain())
            Dispose();
    }

    private bool IsWarboy => _driver == NpuDriver.Warboy;

    private TimeSpan? ReadUptime()
    {
        var file = Attribute("heartbeat");
        if (Text(file) is not { } text)
            return null;
        if (SensorText.TryParseNumber(text, out var seconds) && seconds is >= 0 and <= uint.MaxValue)
            return TimeSpan.FromSeconds(seconds);

        ReportMalformed(file, text, "seconds");
        return null;
    }

    private EquatableArray<ErrorCount> ReadErrors()
    {
        var file = Attribute("atr_error");
        var errors = new List<ErrorCount>();
        foreach (var line in Lines(file))
        {
            if (SensorText.TryParseError(line, out var error) && errors.TrueForAll(other => other.Kind != error.Kind))
                errors.Add(error);
            else
                ReportMalformed(file, line, "a new kind of error and its count, such as 'AXI Post Error: 0'");
        }

        return [.. errors];
    }

    private EquatableArray<ClockReading> ReadClocks()
    {
        var file = Attribute(IsWarboy ? "ne_clk_freq_info" : "npu_clocks");
        var clocks = new List<ClockReading>();
        var core = 0;
        foreach (var line in Lines(file))
        {
            if (!IsWarboy && SensorText.TryParseNumber(line, out var value) && value >= 0)
                clocks.Add(new ClockReading($"pe{core}", value, ClockUnit.Megahertz));
            else if (IsWarboy && SensorText.TryParseClock(line, out var clock)
                && clocks.TrueForAll(other => other.Name != clock.Name))
                clocks.Add(clock);
            else
                ReportMalformed(
                    file, line, IsWarboy ? "a new clock, such as 'ne tensor (MHz): 2000'" : "a frequency, such as '1000'");

            core++;
        }

        return [.. clocks];
    }

    private PerformanceMode? ReadPerformanceMode()
    {
        var file = Attribute("performance_mode");
        if (Text(file) is not { } text)
            return null;
        if (SensorText.TryParsePerformanceMode(text, out var mode))
            return mode;

        ReportMalformed(file, text, "a mode such as '4 (FULL 1)'");
        return null;
    }

    private List<(HwmonSensor Sensor, long Value)> ReadHwmon()
    {
        var pciFolder = device.PciAddress.Folder(root);
        _path = pciFolder;
        if (_hwmon?.LookAgain() != true)
        {
            _hwmon?.Dispose();
            _hwmon = new HwmonFolder(pciFolder);
        }

        _problems.AddRange(_hwmon.Problems);
        var values = new List<(HwmonSensor, long)>(_hwmon.Sensors.Count);
        foreach (var sensor in _hwmon.Sensors)
        {
            if (Report(sensor.File, Read(sensor.File, _hwmon.IsUntouched)) is not { } text)
                continue;
            if (SensorText.TryParseNumber(text, out var value))
                values.Add((sensor, value));
            else
                ReportMalformed(sensor.File, text, "a whole number");
        }

        return values;
    }

    private List<CoreCounters> ReadCoreCounters()
    {
        // Old drivers lack it; what it says matters only where it changes.
        var combinations = Read(Attribute("cur_pe_ids"), _folder.IsUntouched).Text;
        if (_cores is null || _cores.Combinations != combinations)
        {
            _cores?.Dispose();
            _path = root.Resolve(_driver.ClassFolder);
            _cores = new CoreFolders(_path, device.Index, combinations);
        }

        _problems.AddRange(_cores.Problems);
        var counters = new List<CoreCounters>(_cores.Counters.Count);
        foreach (var (cores, file) in _cores.Counters)
        {
            var readAt = clock();
            var reading = Read(file);
            if (reading.IsDenied)
                counters.Add(new CoreCounters(cores, null));
            else if (Report(file, reading) is not { } text)
                _unknownCounters.AddRange(reading.State == FileState.Absent ? [] : [cores]);
            else if (SensorText.TryParseCounters(text, readAt, out var sample, out var missing))
                counters.Add(new CoreCounters(cores, sample));
            else
            {
                _unknownCounters.Add(cores);
                _problems.Add(new ReadProblem(
                    file.Path, ReadProblemKind.Malformed, $"has no {missing}, or it is not a number of 32 bits such as 0x32cac355"));
            }
        }

        return counters;
    }

    private KeptFile Attribute(string name)
    {
        if (!_attributes.TryGetValue(name, out var file))
        {
            file = new KeptFile(System.IO.Path.Combine(_driver.ManagementFolder(root, device.Index), name));
            _attributes.Add(name, file);
        }

        return file;
    }

    private string[] Lines(KeptFile file) =>
        Text(file)?.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private string? Text(KeptFile attribute) => Report(attribute, Read(attribute, _folder.IsUntouched));

    private FileReading Read(KeptFile file, bool isInPlace = false)
    {
        _path = file.Path;
        return file.Read(isInPlace);
    }

    /// <returns>The text, if there is any.</returns>
    private string? Report(KeptFile file, FileReading reading)
    {
        if (reading.Text.Length > 0)
            return reading.Text;

        _problems.Add(reading.State switch
        {
            FileState.Unreadable => new ReadProblem(file.Path, ReadProblemKind.Unreadable, $"cannot be read: {reading.Error}"),
            FileState.Absent => new ReadProblem(file.Path, ReadProblemKind.Missing, "does not exist"),
            _ => new ReadProblem(file.Path, ReadProblemKind.Missing, "is empty"),
        });
        return null;
    }

    private void ReportMalformed(KeptFile file, string text, string form) =>
        _problems.Add(new ReadProblem(file.Path, ReadProblemKind.Malformed, $"holds '{Excerpt.Of(text)}', which is not {form}"));
}
