using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>The table of the SDK 0.8 page, and the clocks and the utilization of 0.10.</summary>
internal sealed class SdkProfile : IMetricProfile
{
    private const double Percent = 100;

    public string Name => MetricProfiles.Sdk;

    public IEnumerable<MetricFamily> CreateFamilies(NpuScrape scrape)
    {
        var node = ("node", scrape.NodeName ?? "");
        yield return CardLabels.Alive(scrape, (value, card) => CardLabels.Sample(value, card, node));
        yield return Gauge("furiosa_npu_uptime", "Time that the NPU has been up, in seconds.",
            reading => reading.Uptime is { } uptime ? [new LabelledValue("", uptime.TotalSeconds)] : []);
        // The page calls it by a gauge's name, but it counts.
        yield return MetricFamily.Gauge("furiosa_npu_error", "Errors that the NPU has detected, by kind.",
            scrape.Cards.SelectMany(card => card.Readings.Errors.Select(
                error => CardLabels.Counted(error.Count, card, ("label", error.Kind), node))));
        yield return Gauge("furiosa_npu_hw_temperature", "Temperature by component, in thousandths of a degree Celsius.",
            reading => CardLabels.Named(reading.Temperatures, value => value.Label, value => value.Channel, value => value.Millicelsius));
        yield return Gauge("furiosa_npu_hw_power", "Power that is drawn, in microwatts.",
            reading => CardLabels.Named(reading.Powers, value => value.Label, value => value.Channel, value => value.Microwatts));
        yield return Gauge("furiosa_npu_hw_voltage", "Voltage, in millivolts.",
            reading => CardLabels.Named(reading.Voltages, value => value.Label, value => value.Channel, value => value.Millivolts));
        yield return Gauge("furiosa_npu_hw_current", "Current, in milliamperes.",
            reading => CardLabels.Named(reading.Currents, value => value.Label, value => value.Channel, value => value.Milliamperes));
        yield return Gauge("furiosa_npu_clock_frequency", "Clock frequency, in MHz; of memory, transfers in MT/s.",
            reading => reading.Clocks.Select(clock => new LabelledValue(clock.Name, clock.Value)));
        if (scrape.Cards.Any(card => card.Loads.Count > 0))
            yield return MetricFamily.Gauge("furiosa_npu_core_utilization", "Time in which a task ran on the core, in percent of the last 10 s.",
                scrape.Cards.SelectMany(card => card.Loads.Select(
                    load => CardLabels.OfCore(load.Utilization * Percent, card, load.Core, node))));

        MetricFamily Gauge(string name, string help, Func<SensorReadings, IEnumerable<LabelledValue>> values) =>
            MetricFamily.Gauge(name, help, CardLabels.Samples(
                scrape, values, (value, card) => CardLabels.Sample(value.Value, card, ("label", value.Label), node)));
    }
}
