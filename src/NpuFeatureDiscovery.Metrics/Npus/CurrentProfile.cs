using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>
/// The exporter of 2025, as far as the drivers tell: temperatures by its two labels, the whole power, the clocks of RNGD's cores, and
/// the utilization of Warboy's. Cycles are not among it: no driver tells them without gaps.
/// </summary>
internal sealed class CurrentProfile : IMetricProfile
{
    private const double Milli = 1e3;
    private const double Micro = 1e6;
    private const double Percent = 100;

    public string Name => MetricProfiles.Current;

    public IEnumerable<MetricFamily> CreateFamilies(NpuScrape scrape)
    {
        yield return CardLabels.Alive(scrape, (value, card) => Sample(value, card));
        yield return Gauge("furiosa_npu_hw_temperature", "Temperature, in degrees Celsius.", reading => reading.Temperatures
            .Select(value => new LabelledValue(value.Label.ToLowerInvariant(), value.Millicelsius / Milli))
            .Where(value => value.Label is "peak" or "ambient").DistinctBy(value => value.Label));
        yield return Gauge("furiosa_npu_hw_power", "Power that is drawn, in watts.",
            reading => reading.CardPower is { } power ? [new LabelledValue("rms", power.Microwatts / Micro)] : []);
        yield return CoreGauge("furiosa_npu_core_frequency", "Clock frequency of the core, in MHz.", Clocks);
        if (scrape.Cards.Any(card => card.Loads.Count > 0))
            yield return CoreGauge(
                "furiosa_npu_core_utilization", "Time in which a task ran on the core, in percent of the last 10 s.",
                card => card.Loads.Select(load => CardLabels.OfCore(load.Utilization * Percent, card, load.Core, Common(card))));

        MetricFamily Gauge(string name, string help, Func<SensorReadings, IEnumerable<LabelledValue>> values) =>
            MetricFamily.Gauge(name, help, scrape.Cards.SelectMany(card => values(card.Readings).Select(
                value => Sample(value.Value, card, ("label", value.Label)))));

        MetricFamily CoreGauge(string name, string help, Func<NpuCard, IEnumerable<MetricSample>> samples) =>
            MetricFamily.Gauge(name, help, scrape.Cards.SelectMany(samples));

        // RNGD's clocks are those of its cores, and named so; Warboy's are those of its parts.
        IEnumerable<MetricSample> Clocks(NpuCard card)
        {
            foreach (var clock in card.Device.Family == NpuFamily.Rngd ? card.Readings.Clocks : [])
            {
                if (clock.Unit == ClockUnit.Megahertz && int.TryParse(clock.Name.AsSpan(2), out var core))
                    yield return CardLabels.OfCore(clock.Value, card, core, Common(card));
            }
        }

        MetricSample Sample(double value, NpuCard card, params ReadOnlySpan<(string Name, string Value)> labels) =>
            CardLabels.Sample(value, card, [(CardLabels.Core, CoresOf(card.Device)), .. Common(card), .. labels]);

        // This generation has the versions as labels.
        (string Name, string Value)[] Common(NpuCard card) =>
        [
            ("driver_version", card.Device.DriverVersion?.ToString() ?? ""),
            ("firmware_version", card.Device.FirmwareVersion?.ToString() ?? ""),
            ("hostname", scrape.NodeName ?? ""),
        ];
    }

    private static string CoresOf(NpuDevice device) =>
        device.Cores.Count > 0 ? new CoreRange(device.Cores[0], device.Cores[^1]).ToString() : "";
}
