using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>Reads the cards' sensors at each scrape, and shows them by the profiles that are asked for.</summary>
internal sealed partial class NpuMetricSource : IMetricSource, IDisposable
{
    private readonly DeviceMonitor _monitor;
    private readonly SensorReader _sensors;
    private readonly IMetricProfile[] _profiles;
    private readonly Counter<long> _errors;
    private readonly ILogger _logger;
    private readonly HashSet<string> _lastFailures = new(StringComparer.Ordinal);

    public NpuMetricSource(
        DeviceMonitor monitor, HostRoot root, NpuMetricsOptions options, IMeterFactory meters, TimeProvider timeProvider,
        ILogger<NpuMetricSource> logger)
    {
        (_monitor, _logger) = (monitor, logger);
        _sensors = new SensorReader(root, timeProvider, options.DeviceTimeout);
        _profiles = [.. options.Profiles.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => MetricProfiles.Find(name)!)];
        _errors = meters.Create("NpuFeatureDiscovery.Metrics").CreateCounter<long>(
            "npu.metrics_exporter.device.errors", "{error}", "Scrapes at which a card did not answer, by card.");
    }

    public string Name => "npu";

    public async ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        if (_monitor.Latest is not { } node)
            return [];

        // It blocks for as long as a card takes.
        var readings = await Task.Run(() => _sensors.Read(node.Devices), cancellationToken);
        NoteFailures(readings);
        var scrape = new NpuScrape(readings);
        // What several profiles call the same is the same.
        return [.. _profiles.SelectMany(profile => profile.CreateFamilies(scrape)).DistinctBy(family => family.Name)];
    }

    public void Dispose() => _sensors.Dispose();

    private void NoteFailures(IReadOnlyList<SensorReadings> readings)
    {
        var failures = readings.Where(reading => reading.Failure is not null).ToArray();
        foreach (var reading in failures)
        {
            _errors.Add(1, new KeyValuePair<string, object?>("device", reading.Device.Name));
            if (_lastFailures.Add(reading.Failure!))
                LogFailed(reading.Device.Name, reading.Failure!);
        }

        _lastFailures.IntersectWith(failures.Select(reading => reading.Failure!));
    }

    [LoggerMessage(1, LogLevel.Warning, "{Device} is shown as not alive: {Failure}", EventName = "Failed")]
    private partial void LogFailed(string device, string failure);
}
