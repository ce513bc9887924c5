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
        yield return CardLabels.Alive(scrape, (value, card) => CardLabels.Sample(value, card));
        yield return MetricFamily.Info("furiosa_npu_info", "What the NPU is.", scrape.Cards.Select(card => Info(card.Device, scrape.NodeName)));
        yield return MetricFamily.Info("furiosa_driver_info", "The drivers of the NPUs.",
            scrape.Cards.Select(card => (Arch: CardLabels.Arch(card.Device), Version: card.Device.DriverVersion?.ToString() ?? ""))
                .Where(driver => driver.Version.Length > 0).Distinct()
                .Select(driver => new MetricLabels(("arch", driver.Arch), ("version", driver.Version))));
        yield return Gauge("furiosa_npu_uptime_seconds", "Time that the NPU has been up.", "seconds",
            reading => reading.Uptime is { } uptime ? [("", uptime.TotalSeconds)] : []);
        yield return MetricFamily.Counter("furiosa_npu_errors_total", "Errors that the NPU has detected, by kind.",
            scrape.Cards.SelectMany(card => card.Readings.Errors.Select(
                error => CardLabels.Counted(error.Count, card, ("kind", error.Kind)))));
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
        if (scrape.Cards.Any(card => card.Loads.Count > 0))
        {
            foreach (var family in Loads(scrape))
                yield return family;
        }

        MetricFamily Gauge(
            string name, string help, string? unit, Func<SensorReadings, IEnumerable<(string Label, double Value)>> values) =>
            MetricFamily.Gauge(name, help, scrape.Cards.SelectMany(card => values(card.Readings).Select(
                value => CardLabels.Sample(value.Value, card, ("label", value.Label)))), unit);
    }

    private static IEnumerable<MetricFamily> Loads(NpuScrape scrape)
    {
        var loads = scrape.Cards.SelectMany(card => card.Loads.Select(load => (Card: card, Load: load))).ToArray();
        yield return MetricFamily.Gauge("furiosa_npu_utilization_ratio", "Share of the last 10 s in which a task ran on the core.",
            loads.Select(core => CardLabels.OfCore(core.Load.Utilization, core.Card, core.Load.Core)), "ratio");
        yield return MetricFamily.Gauge(
            "furiosa_npu_computation_ratio", "Share of the tasks' time in which the core computed tensors, in the last 10 s.",
            loads.Where(core => core.Load.ComputationRatio is not null).Select(
                core => CardLabels.OfCore(core.Load.ComputationRatio!.Value, core.Card, core.Load.Core)), "ratio");
        yield return MetricFamily.Counter("furiosa_npu_core_busy_seconds_total", "Time in which a task ran on the core.",
            loads.Select(core => CardLabels.Counted(
                core.Load.Busy.TotalSeconds, core.Card, (CardLabels.Core, CardLabels.Text(core.Load.Core)))), "seconds");
    }

    private static IEnumerable<(string Label, double Value)> Clocks(SensorReadings reading, ClockUnit unit) =>
        reading.Clocks.Where(clock => clock.Unit == unit).Select(clock => (clock.Name, clock.Value * Micro));

    private static MetricLabels Info(NpuDevice device, string? nodeName) => new(
    [
        .. CardLabels.Of(device),
        ("product", device.Product),
        ("serial", device.Serial ?? ""),
        ("firmware_version", device.FirmwareVersion?.ToString() ?? ""),
        ("driver_version", device.DriverVersion?.ToString() ?? ""),
        ("numa_node", device.NumaNode is { } numaNode ? CardLabels.Text(numaNode) : ""),
        ("node", nodeName ?? ""),
    ]);
}
