using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>The table of the SDK 0.8 page, and the clocks of 0.10.</summary>
internal sealed class SdkProfile : IMetricProfile
{
    public string Name => MetricProfiles.Sdk;

    public IEnumerable<MetricFamily> CreateFamilies(NpuScrape scrape)
    {
        yield return CardLabels.Alive(scrape, (value, device) => CardLabels.Sample(value, device));
        yield return Gauge("furiosa_npu_uptime", "Time that the NPU has been up, in seconds.",
            reading => reading.Uptime is { } uptime ? [("", uptime.TotalSeconds)] : []);
        yield return Gauge("furiosa_npu_error", "Errors that the NPU has detected, by kind.",
            reading => reading.Errors.Select(error => (error.Kind, (double)error.Count)));
        yield return Gauge("furiosa_npu_hw_temperature", "Temperature by component, in thousandths of a degree Celsius.",
            reading => CardLabels.Named(reading.Temperatures, value => value.Label, value => value.Channel)
                .Select(value => (value.Label, (double)value.Reading.Millicelsius)));
        yield return Gauge("furiosa_npu_hw_power", "Power that is drawn, in microwatts.",
            reading => CardLabels.Named(reading.Powers, value => value.Label, value => value.Channel)
                .Select(value => (value.Label, (double)value.Reading.Microwatts)));
        yield return Gauge("furiosa_npu_hw_voltage", "Voltage, in millivolts.",
            reading => CardLabels.Named(reading.Voltages, value => value.Label, value => value.Channel)
                .Select(value => (value.Label, (double)value.Reading.Millivolts)));
        yield return Gauge("furiosa_npu_hw_current", "Current, in milliamperes.",
            reading => CardLabels.Named(reading.Currents, value => value.Label, value => value.Channel)
                .Select(value => (value.Label, (double)value.Reading.Milliamperes)));
        yield return Gauge("furiosa_npu_clock_frequency", "Clock frequency, in MHz; of memory, transfers in MT/s.",
            reading => reading.Clocks.Select(clock => (clock.Name, (double)clock.Value)));

        MetricFamily Gauge(string name, string help, Func<SensorReadings, IEnumerable<(string Label, double Value)>> values) =>
            MetricFamily.Gauge(name, help, scrape.Readings.SelectMany(reading => values(reading).Select(
                value => CardLabels.Sample(value.Value, reading.Device, ("label", value.Label)))));
    }
}
