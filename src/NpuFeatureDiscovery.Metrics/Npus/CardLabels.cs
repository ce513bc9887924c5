using System.Globalization;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>The labels that tell a card from the others, the same in all profiles: so that their series can be joined.</summary>
internal static class CardLabels
{
    /// <summary>The name of the label that tells a core from the others.</summary>
    public const string Core = "core";

    public static (string Name, string Value)[] Of(NpuDevice device) =>
    [
        ("arch", Arch(device)),
        ("device", device.Name),
        ("pci_bus_id", device.PciAddress.ToString()),
        ("uuid", device.Uuid ?? ""),
    ];

    public static string Arch(NpuDevice device) => device.Family == NpuFamily.Rngd ? "rngd" : "warboy";

    /// <summary>For a counter: its labels must not change when Pods come and go, else each time it would seem to begin anew.</summary>
    public static MetricSample Counted(double value, NpuCard card, params ReadOnlySpan<(string Name, string Value)> labels) =>
        new(value, [.. card.Labels, .. labels]);

    /// <summary>For a value of the card as a whole.</summary>
    public static MetricSample Sample(double value, NpuCard card, params ReadOnlySpan<(string Name, string Value)> labels) =>
        new(value, [.. card.Labels, .. card.Holders.OfCard, .. labels]);

    /// <summary>For a value of one core.</summary>
    public static MetricSample OfCore(
        double value, NpuCard card, int core, params ReadOnlySpan<(string Name, string Value)> labels) =>
        new(value, [.. card.Labels, .. card.Holders.OfCore(core), (Core, Text(core)), .. labels]);

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A sample of each of these values of each card. They are most of what a scrape shows.</summary>
    public static List<MetricSample> Samples(
        NpuScrape scrape, Func<SensorReadings, IEnumerable<LabelledValue>> values, Func<LabelledValue, NpuCard, MetricSample> sample)
    {
        var samples = new List<MetricSample>();
        foreach (var card in scrape.Cards)
        {
            foreach (var value in values(card.Readings))
                samples.Add(sample(value, card));
        }

        return samples;
    }

    /// <summary>
    /// A name for each reading: what the driver calls it, and the channel behind it where several are called the same.
    /// </summary>
    public static IEnumerable<LabelledValue> Named<T>(
        IReadOnlyList<T> readings, Func<T, string> label, Func<T, string> channel, Func<T, double> value)
    {
        for (var index = 0; index < readings.Count; index++)
        {
            var reading = readings[index];
            var name = label(reading);
            yield return new LabelledValue(IsShared(name, index) ? $"{name} {channel(reading)}" : name, value(reading));
        }

        bool IsShared(string name, int index)
        {
            for (var other = 0; other < readings.Count; other++)
            {
                if (other != index && label(readings[other]) == name)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whether each card works and answers, which all profiles call the same.</summary>
    /// <param name="scrape">The cards.</param>
    /// <param name="sample">Gives the value the labels of the profile.</param>
    public static MetricFamily Alive(NpuScrape scrape, Func<double, NpuCard, MetricSample> sample) => MetricFamily.Gauge(
        "furiosa_npu_alive", "1 while the NPU is alive and can be read, else 0.",
        scrape.Cards.Select(card => sample(IsAlive(card.Readings) ? 1 : 0, card)));

    private static bool IsAlive(SensorReadings reading) =>
        reading.Failure is null && reading.Device.Health.State == HealthState.Healthy;
}
