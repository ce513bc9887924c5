using System.Text.Json;

namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>
/// What a running program of ours says of itself: whether the kubelet holds its stream, and whether its labels are published.
/// </summary>
internal sealed class ProgramCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "program";

    public async ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        using var program = new RunningProgram(context.Address!, context.TimeProvider);
        try
        {
            using var report = JsonDocument.Parse(await program.ReadReadyAsync(cancellationToken));
            Finding[] found = [.. report.RootElement.GetProperty("checks").EnumerateArray().Select(Find)];
            return found.Length > 0 ? found : [new Finding(FindingLevel.Ok, Name, $"The program at {program.Address} is ready.")];
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException)
        {
            return
            [
                new Finding(FindingLevel.Problem, Name, $"No program answers at {program.Address}.", exception.Message,
                    "See whether it runs with --address or --port, and by plain HTTP: doctor has no certificate to know it by."),
            ];
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return
            [
                new Finding(
                    FindingLevel.Problem, Name, $"What answers at {program.Address} is no program of ours.", exception.Message,
                    "Let --address name the one where label, device-plugin, metrics-exporter or agent serves /readyz."),
            ];
        }
    }

    private static Finding Find(JsonElement check)
    {
        var name = check.GetProperty("name").GetString();
        var reason = check.TryGetProperty("reason", out var text) ? text.GetString() : null;
        return check.GetProperty("status").GetString() == "Unhealthy"
            ? new Finding(
                FindingLevel.Problem, Name, $"The running program is not ready: {name}.", reason,
                "See its log from the time when that began.")
            : new Finding(FindingLevel.Ok, Name, $"The running program is ready: {name}.", reason);
    }
}
