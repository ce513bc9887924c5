using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>The exporter of 2025, as far as the drivers tell: temperatures by its two labels, and the whole power.</summary>
internal sealed class CurrentProfile : IMetricProfile
{
    private const double Milli = 1e3;
    private const double Micro = 1e6;

    public string Name => MetricProfiles.Current;

    public IEnumerable<MetricFamily> CreateFamilies(NpuScrape scrape)
    {
        yield return CardLabels.Alive(scrape, (value, device) => Sample(value, device));
        yield return Gauge("furiosa_npu_hw_temperature", "Temperature, in degrees Celsius.", reading => reading.Temperatures
            .Select(value => (Label: value.Label.ToLowerInvariant(), Value: value.Millicelsius / Milli))
            .Where(value => value.Label is "peak" or "ambient").DistinctBy(value => value.Label));
        yield return Gauge("furiosa_npu_hw_power", "Power that is drawn, in watts.",
            reading => reading.CardPower is { } power ? [("rms", power.Microwatts / Micro)] : []);

        MetricFamily Gauge(string name, string help, Func<SensorReadings, IEnumerable<(string Label, double Value)>> values) =>
            MetricFamily.Gauge(name, help, scrape.Readings.SelectMany(reading => values(reading).Select(
                value => Sample(value.Value, reading.Device, ("label", value.Label)))));
    }

    /// <summary>With the cores and versions that this generation has as labels.</summary>
    private static MetricSample Sample(double value, NpuDevice device, params ReadOnlySpan<(string Name, string Value)> labels) =>
        CardLabels.Sample(value, device,
        [
            ("core", device.Cores.Count > 0 ? new CoreRange(device.Cores[0], device.Cores[^1]).ToString() : ""),
            ("driver_version", device.DriverVersion?.ToString() ?? ""),
            ("firmware_version", device.FirmwareVersion?.ToString() ?? ""),
            .. labels,
        ]);
}
