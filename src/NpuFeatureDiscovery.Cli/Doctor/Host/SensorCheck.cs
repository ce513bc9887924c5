using System.Globalization;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Cli.Doctor.Host;

/// <summary>What the cards' sensors say against what the cards are made for, and the errors that they count.</summary>
internal sealed class SensorCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "sensors";

    /// <summary>
    /// Warboy's highest operating temperature, which is the air's, by its data sheet in the SDK; that of RNGD is not published.
    /// </summary>
    private const long WarboyAmbientLimit = 50_000;

    public async ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        if (context.Node is not { Devices.Count: > 0 } node)
            return [new Finding(FindingLevel.Ok, Name, "There is no card whose sensors could be read.")];

        using var reader = new SensorReader(context.Root, context.TimeProvider, SensorReader.DefaultDeviceTimeout);
        var cards = await reader.ReadAsync(node.Devices);
        return [.. cards.SelectMany(Find)];
    }

    private IEnumerable<Finding> Find(SensorReadings card)
    {
        var name = context.NameOf(card.Device);
        if (card.Failure is { } failure)
        {
            yield return new Finding(
                FindingLevel.Problem, Name, $"The sensors of {name} do not answer.", failure,
                "Look for it in the kernel's log (dmesg).");
            yield break;
        }

        var isGood = true;
        if (Ambient(card) is { Millicelsius: > WarboyAmbientLimit } ambient && card.Device.Family == NpuFamily.Warboy)
        {
            isGood = false;
            yield return new Finding(
                FindingLevel.Warning, Name, $"{name} stands in air of {Celsius(ambient)}.", "Warboy is made for 0 to 50 °C.",
                "See to the machine's fans and the room's cooling.");
        }

        ErrorCount[] errors =
            [.. card.Errors.Where(error => error.Count > 0 && !error.Kind.Contains("doorbell", StringComparison.Ordinal))];
        if (errors.Length > 0)
        {
            isGood = false;
            yield return new Finding(
                FindingLevel.Warning, Name,
                $"{name} has counted errors: {string.Join(", ", errors.Select(error => $"{error.Kind} {error.Count}"))}.",
                "They are counted from the loading of its driver on.",
                "Watch whether they grow; if so, look for PCIe errors in the kernel's log.");
        }

        foreach (var problem in card.Problems.Where(problem => problem.Kind != ReadProblemKind.Missing))
        {
            isGood = false;
            yield return new Finding(
                FindingLevel.Warning, Name, $"'{problem.Path}' {problem.Reason}.", $"The metrics of {name} go without it.",
                "Read the file by hand; if it is right and only doctor does not understand it, please report it.");
        }

        if (isGood)
            yield return Describe(card);
    }

    private Finding Describe(SensorReadings card)
    {
        if (card.CardTemperature is null && card.CardPower is null)
        {
            return new Finding(
                FindingLevel.Ok, Name, $"{context.NameOf(card.Device)} has no sensors of temperature and power.",
                card.Device.Platform == NpuPlatform.Vitis
                    ? "A U250 has none." : "Its driver shows no hwmon folder, or an empty one.");
        }

        var power = card.CardPower is { } drawn
            ? string.Create(CultureInfo.InvariantCulture, $"{drawn.Microwatts / 1_000_000m:0.00} W") : "power not known";
        var temperature = card.CardTemperature is { } reading ? Celsius(reading) : "temperature not known";
        return new Finding(FindingLevel.Ok, Name, $"{context.NameOf(card.Device)}: {temperature}, {power}, no errors counted.");
    }

    private static TemperatureReading? Ambient(SensorReadings card) =>
        card.Temperatures.FirstOrDefault(reading => reading.Label.Equals("AMBIENT", StringComparison.OrdinalIgnoreCase));

    private static string Celsius(TemperatureReading reading) =>
        string.Create(CultureInfo.InvariantCulture, $"{reading.Millicelsius / 1000m:0.0} °C");
}
