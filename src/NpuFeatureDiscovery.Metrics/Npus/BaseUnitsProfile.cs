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
        yield return MetricFamily.Info("furiosa_npu_info", "What the NPU is.", scrape.Cards.Select(card => Info(card, scrape.NodeName)));
        yield return MetricFamily.Info("furiosa_driver_info", "The drivers of the NPUs.",
            scrape.Cards.Where(card => card.Device.DriverVersion is not null)
                .Select(card => new MetricLabels(("arch", CardLabels.Arch(card.Device)), ("version", $"{card.Device.DriverVersion}")))
                .Distinct());
        yield return Gauge("furiosa_npu_uptime_seconds", "Time that the NPU has been up.", "seconds",
            reading => reading.Uptime is { } uptime ? [new LabelledValue("", uptime.TotalSeconds)] : []);
        yield return MetricFamily.Counter("furiosa_npu_errors_total", "Errors that the NPU has detected, by kind.",
            scrape.Cards.SelectMany(card => card.Readings.Errors.Select(
                error => CardLabels.Counted(error.Count, card, ("kind", error.Kind)))));
        yield return Gauge("furiosa_npu_temperature_celsius", "Temperature by component.", "celsius",
            reading => CardLabels.Named(reading.Temperatures, value => value.Label, value => value.Channel, value => value.Millicelsius / Milli));
        yield return Gauge("furiosa_npu_power_watts", "Power that is drawn.", "watts",
            reading => CardLabels.Named(reading.Powers, value => value.Label, value => value.Channel, value => value.Microwatts / Micro));
        yield return Gauge("furiosa_npu_voltage_volts", "Voltage.", "volts",
            reading => CardLabels.Named(reading.Voltages, value => value.Label, value => value.Channel, value => value.Millivolts / Milli));
        yield return Gauge("furiosa_npu_current_amperes", "Current.", "amperes",
            reading => CardLabels.Named(reading.Currents, value => value.Label, value => value.Channel, value => value.Milliamperes / Milli));
        yield return Gauge("furiosa_npu_frequency_hertz", "Clock frequency.", "hertz", reading => Clocks(reading, ClockUnit.Megahertz));
        yield return Gauge("furiosa_npu_memory_transfers_per_second", "Transfers that the memory is clocked for.", null,
            reading => Clocks(reading, ClockUnit.MegatransfersPerSecond));
        if (scrape.Cards.Any(card => card.Loads.Count > 0))
        {
            foreach (var family in Loads(scrape))
                yield return family;
        }

        MetricFamily Gauge(
            string name, string help, string? unit, Func<SensorReadings, IEnumerable<LabelledValue>> values) =>
            MetricFamily.Gauge(name, help, CardLabels.Samples(
                scrape, values, static (value, card) => CardLabels.Sample(value.Value, card, ("label", value.Label))), unit);
    }

    private static IEnumerable<MetricFamily> Loads(NpuScrape scrape)
    {
        yield return MetricFamily.Gauge("furiosa_npu_utilization_ratio", "Share of the last 10 s in which a task ran on the core.",
            scrape.Cards.SelectMany(card => card.Loads.Select(load => CardLabels.OfCore(load.Utilization, card, load.Core))), "ratio");
        yield return MetricFamily.Gauge(
            "furiosa_npu_computation_ratio", "Share of the tasks' time in which the core computed tensors, in the last 10 s.",
            scrape.Cards.SelectMany(card => card.Loads.Where(load => load.ComputationRatio is not null).Select(
                load => CardLabels.OfCore(load.ComputationRatio!.Value, card, load.Core))), "ratio");
        yield return MetricFamily.Counter("furiosa_npu_core_busy_seconds_total", "Time in which a task ran on the core.",
            scrape.Cards.SelectMany(card => card.Loads.Select(load => CardLabels.Counted(
                load.Busy.TotalSeconds, card, (CardLabels.Core, CardLabels.Text(load.Core))))), "seconds");
    }

    private static IEnumerable<LabelledValue> Clocks(SensorReadings reading, ClockUnit unit) =>
        reading.Clocks.Where(clock => clock.Unit == unit).Select(clock => new LabelledValue(clock.Name, clock.Value * Micro));

    private static MetricLabels Info(NpuCard card, string? nodeName) => new(
    [
        .. card.Labels,
        ("product", card.Device.Product),
        ("serial", card.Device.Serial ?? ""),
        ("firmware_version", card.Device.FirmwareVersion?.ToString() ?? ""),
        ("driver_version", card.Device.DriverVersion?.ToString() ?? ""),
        ("numa_node", card.Device.NumaNode is { } numaNode ? CardLabels.Text(numaNode) : ""),
        ("node", nodeName ?? ""),
    ]);
}
