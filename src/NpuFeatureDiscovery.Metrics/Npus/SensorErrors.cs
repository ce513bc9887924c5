using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>Counts what could not be read of cards, and says so once when a card begins to fail.</summary>
internal sealed partial class SensorErrors(IMeterFactory meters, ILogger<SensorErrors> logger)
{
    private readonly Counter<long> _errors = meters.Create("NpuFeatureDiscovery.Metrics").CreateCounter<long>(
        "npu.metrics_exporter.device.errors", "{error}",
        "Sensors that could not be read at a scrape, by card and reason: timeout, unreadable or malformed.");
    private HashSet<(NpuFamily, int, bool HasFailed)> _failing = [];

    /// <summary>Takes the readings of one scrape.</summary>
    public void Note(IReadOnlyList<SensorReadings> readings)
    {
        var failing = new HashSet<(NpuFamily, int, bool)>();
        foreach (var reading in readings)
        {
            // What an old driver lacks is no error, and several lines of a file are one sensor.
            var problems = reading.Problems.Where(problem => problem.Kind != ReadProblemKind.Missing)
                .DistinctBy(problem => problem with { Reason = "" }).ToArray();
            foreach (var problem in problems)
                Count(reading.Device, Reason(reading, problem));

            if (problems.Length == 0)
                continue;

            var state = (reading.Device.Family, reading.Device.Index, HasFailed: reading.Failure is not null);
            failing.Add(state);
            if (_failing.Contains(state))
                continue;
            if (reading.Failure is { } failure)
                LogFailed(reading.Device.Name, failure);
            else
                LogSensorFailed(reading.Device.Name, problems.Length, problems[0]);
        }

        _failing = failing;
    }

    private void Count(NpuDevice device, string reason) => _errors.Add(
        1, new KeyValuePair<string, object?>("device", device.Name), new KeyValuePair<string, object?>("reason", reason));

    private static string Reason(SensorReadings reading, ReadProblem problem) =>
        reading.Failure is not null ? "timeout"
        : problem.Kind == ReadProblemKind.Malformed ? "malformed"
        : "unreadable";

    [LoggerMessage(1, LogLevel.Warning, "{Device} is shown as not alive: {Failure}", EventName = "Failed")]
    private partial void LogFailed(string device, string failure);

    [LoggerMessage(
        2, LogLevel.Warning, "{Device} is shown without {Count} of its sensors, which cannot be read; the first: {Problem}",
        EventName = "SensorFailed")]
    private partial void LogSensorFailed(string device, int count, ReadProblem problem);
}
