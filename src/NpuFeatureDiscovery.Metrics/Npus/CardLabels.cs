using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>The labels that tell a card from the others, the same in all profiles: so that their series can be joined.</summary>
internal static class CardLabels
{
    public static MetricSample Sample(double value, NpuDevice device, params ReadOnlySpan<(string Name, string Value)> labels) =>
        new(value, [.. Of(device), .. labels]);

    public static (string Name, string Value)[] Of(NpuDevice device) =>
    [
        ("arch", device.Family == NpuFamily.Rngd ? "rngd" : "warboy"),
        ("device", device.Name),
        ("pci_bus_id", device.PciAddress.ToString()),
        ("uuid", device.Uuid ?? ""),
    ];

    /// <summary>
    /// A name for each reading: what the driver calls it, and the channel behind it where several are called the same.
    /// </summary>
    public static IEnumerable<(T Reading, string Label)> Named<T>(
        IReadOnlyList<T> readings, Func<T, string> label, Func<T, string> channel)
    {
        var shared = readings.GroupBy(label, StringComparer.Ordinal).Where(same => same.Skip(1).Any()).Select(same => same.Key).ToHashSet();
        return readings.Select(reading => (reading, shared.Contains(label(reading)) ? $"{label(reading)} {channel(reading)}" : label(reading)));
    }

    /// <summary>Whether each card works and answers, which all profiles call the same.</summary>
    /// <param name="scrape">The cards.</param>
    /// <param name="sample">Gives the value the labels of the profile.</param>
    public static MetricFamily Alive(NpuScrape scrape, Func<double, NpuDevice, MetricSample> sample) => MetricFamily.Gauge(
        "furiosa_npu_alive", "1 while the NPU is alive and can be read, else 0.",
        scrape.Readings.Select(reading => sample(IsAlive(reading) ? 1 : 0, reading.Device)));

    private static bool IsAlive(SensorReadings reading) =>
        reading.Failure is null && reading.Device.Health.State == HealthState.Healthy;
}
