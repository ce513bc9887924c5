using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>Base units by the rules of https://prometheus.io/docs/practices/naming/; versions stand in infos alone.</summary>
internal sealed class BaseUnitsProfile : IMetricProfile
{
    private const double Milli = 1e3;
    private const double Micro = 1e6;

    public string Name => MetricProfiles.BaseUnits;

    public IEnumerable<MetricFamily> CreateFamilies(NpuScrape scrape)
    {
        yield return CardLabels.Alive(scrape, (value, device) => CardLabels.Sample(value, device));
        yield return MetricFamily.Info("furiosa_npu_info", "What the NPU is.", scrape.Readings.Select(reading => Info(reading.Device)));
        yield return MetricFamily.Info("furiosa_driver_info", "The drivers of the NPUs.",
            scrape.Readings.Select(reading => (Arch(reading.Device), Version: reading.Device.DriverVersion?.ToString() ?? ""))
                .Where(driver => driver.Version.Length > 0).Distinct()
                .Select(driver => new MetricLabels(("arch", driver.Item1), ("version", driver.Version))));
        yield return Gauge("furiosa_npu_uptime_seconds", "Time that the NPU has been up.", "seconds",
            reading => reading.Uptime is { } uptime ? [("", uptime.TotalSeconds)] : []);
        yield return MetricFamily.Counter("furiosa_npu_errors_total", "Errors that the NPU has detected, by kind.",
            scrape.Readings.SelectMany(reading => reading.Errors.Select(
                error => CardLabels.Sample(error.Count, reading.Device, ("kind", error.Kind)))));
        yield return Gauge("furiosa_npu_temperature_celsius", "Temperature by component.", "celsius",
            reading => CardLabels.Named(reading.Temperatures, value => value.Label, value => value.Channel)
                .Select(value => (value.Label, value.Reading.Millicelsius / Milli)));
        yield return Gauge("furiosa_npu_power_watts", "Power that is drawn.", "watts",
            reading => CardLabels.Named(reading.Powers, value => value.Label, value => value.Channel)
                .Select(value => (value.Label, value.Reading.Microwatts / Micro)));
        yield return Gauge("furiosa_npu_voltage_volts", "Voltage.", "volts",
            reading => CardLabels.Named(reading.Voltages, value => value.Label, value => value.Channel)
                .Select(value => (value.Label, value.Reading.Millivolts / Milli)));
        yield return Gauge("furiosa_npu_current_amperes", "Current.", "amperes",
            reading => CardLabels.Named(reading.Currents, value => value.Label, value => value.Channel)
                .Select(value => (value.Label, value.Reading.Milliamperes / Milli)));
        yield return Gauge("furiosa_npu_frequency_hertz", "Clock frequency.", "hertz", reading => Clocks(reading, ClockUnit.Megahertz));
        yield return Gauge("furiosa_npu_memory_transfers_per_second", "Transfers that the memory is clocked for.", null,
            reading => Clocks(reading, ClockUnit.MegatransfersPerSecond));

        MetricFamily Gauge(
            string name, string help, string? unit, Func<SensorReadings, IEnumerable<(string Label, double Value)>> values) =>
            MetricFamily.Gauge(name, help, scrape.Readings.SelectMany(reading => values(reading).Select(
                value => CardLabels.Sample(value.Value, reading.Device, ("label", value.Label)))), unit);
    }

    private static IEnumerable<(string Label, double Value)> Clocks(SensorReadings reading, ClockUnit unit) =>
        reading.Clocks.Where(clock => clock.Unit == unit).Select(clock => (clock.Name, clock.Value * Micro));

    private static MetricLabels Info(NpuDevice device) => new(
    [
        .. CardLabels.Of(device),
        ("product", device.Product),
        ("serial", device.Serial ?? ""),
        ("firmware_version", device.FirmwareVersion?.ToString() ?? ""),
        ("driver_version", device.DriverVersion?.ToString() ?? ""),
        ("numa_node", device.NumaNode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? ""),
    ]);

    private static string Arch(NpuDevice device) => CardLabels.Of(device)[0].Value;
}
