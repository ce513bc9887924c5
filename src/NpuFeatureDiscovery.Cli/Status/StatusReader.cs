using System.Reflection;
using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>
/// Puts together what the program knows of its node. Sensors and the kubelet are asked for it, each with a deadline; all else is at hand.
/// </summary>
internal sealed class StatusReader(
    string nodeName, DeviceMonitor monitor, HostRoot root, HealthTimes healthTimes, LoggedProblems loggedProblems,
    IStatusParts parts, TimeProvider timeProvider) : IDisposable
{
    private static readonly string Version = typeof(StatusReader).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly DeviceIds _ids = new();
    private readonly Lazy<SensorReader> _ownSensors = new(() => new SensorReader(root, timeProvider, SensorReader.DefaultDeviceTimeout));
    private readonly DateTimeOffset _startedAt = timeProvider.GetUtcNow();
    private readonly long _startedAtTimestamp = timeProvider.GetTimestamp();

    public async Task<StatusDocument> ReadAsync(CancellationToken cancellationToken)
    {
        var node = monitor.Latest;
        var allocations = ReadAllocationsAsync(node, cancellationToken);
        var readings = await ReadSensorsAsync(node?.Devices ?? []);
        return new StatusDocument(
            timeProvider.GetUtcNow().UtcDateTime,
            new(nodeName, node?.Machine.Vendor, node?.Machine.Name),
            new(Version, _startedAt.UtcDateTime, (long)timeProvider.GetElapsedTime(_startedAtTimestamp).TotalSeconds),
            new(node?.Generation, node?.ReadAt.UtcDateTime, monitor.TimeSinceReading?.TotalSeconds, monitor.Failure),
            node is null ? [] : Describe(node, readings),
            parts.Find<LabelStatus>() is { } labels ? Describe(labels) : null,
            parts.Find<DevicePluginStatus>() is { } plugin ? Describe(plugin) : null,
            await allocations,
            [.. parts.All.Select(part => new StatusDocument.Part(
                part.Name, part.IsRunning, part.Since.UtcDateTime, part.Failure, part.Restarts))],
            [.. ProblemsOf(node, readings).Select(DeviceDocument.Problem.Create)],
            [.. loggedProblems.Latest.Select(Describe)]);
    }

    public void Dispose()
    {
        if (_ownSensors.IsValueCreated)
            _ownSensors.Value.Dispose();
    }

    /// <summary>By the reader of the metrics, so that the files of the cards are open once, where there is one.</summary>
    private async Task<IReadOnlyList<SensorReadings>> ReadSensorsAsync(IReadOnlyList<NpuDevice> devices)
    {
        try
        {
            return await (parts.Find<NpuMetricsStatus>()?.Sensors ?? _ownSensors.Value).ReadAsync(devices);
        }
        catch (ObjectDisposedException)
        {
            // The metrics are just being started anew.
            return await _ownSensors.Value.ReadAsync(devices);
        }
    }

    private async Task<StatusDocument.AllocationsStatus?> ReadAllocationsAsync(NodeSnapshot? node, CancellationToken cancellationToken)
    {
        if (node is null || parts.Find<NpuMetricsStatus>()?.Kubelet is not { } kubelet)
            return null;

        try
        {
            var rows = AllocationRows.Create(node, _ids, await kubelet.ListAsync(cancellationToken));
            return new(null, [.. rows.Select(AllocationDocument.Unit.Create)]);
        }
        catch (Exception exception) when (exception is GrpcException or ObjectDisposedException && !cancellationToken.IsCancellationRequested)
        {
            return new(exception.Message, null);
        }
    }

    private List<StatusDocument.DeviceStatus> Describe(NodeSnapshot node, IReadOnlyList<SensorReadings> readings)
    {
        var (times, metrics) = (healthTimes.Of(node), parts.Find<NpuMetricsStatus>());
        var devices = new List<StatusDocument.DeviceStatus>(readings.Count);
        for (var index = 0; index < readings.Count; index++)
        {
            var reading = readings[index];
            devices.Add(new StatusDocument.DeviceStatus(
                DeviceDocument.Card.Create(reading), times[index].UtcDateTime, reading.Failure,
                [.. (metrics?.LoadsOf(reading.Device) ?? []).Select(load => new StatusDocument.Load(load.Core, load.Utilization * 100))]));
        }

        return devices;
    }

    private static StatusDocument.LabelsStatus Describe(LabelStatus labels)
    {
        var publication = labels.Publication;
        var wanted = labels.Wanted;
        return new(
            labels.Target, publication is null ? null : DeviceDocument.NameOf(publication.State),
            publication is { Reason: { Length: > 0 } reason } ? reason : null,
            publication?.PublishedAt?.UtcDateTime, publication?.VerifiedAt?.UtcDateTime, labels.SucceededAt?.UtcDateTime, labels.Failure,
            wanted is null ? null : [.. wanted.Labels.Select(label => new StatusDocument.LabelValue(label.Key, label.Value))],
            wanted is null ? [] : [.. wanted.Remarks.Select(remark => remark.Message)]);
    }

    private static StatusDocument.DevicePluginStatus Describe(DevicePluginStatus plugin) => new(
        plugin.Faults,
        [.. plugin.Resources.Select(resource => new StatusDocument.Resource(
            resource.Resource, DeviceDocument.NameOf(resource.Mode), resource.Fault, resource.SocketPath,
            [.. resource.Devices.Select(device => new StatusDocument.ResourceUnit(
                device.Id, device.Name, DeviceDocument.NameOf(device.State), device.Reason, device.Since?.UtcDateTime))]))]);

    private static StatusDocument.LoggedProblem Describe(LoggedProblem problem) => new(
        problem.Time.UtcDateTime, problem.FirstTime.UtcDateTime, DeviceDocument.NameOf(problem.Level), problem.Source, problem.Message,
        problem.Count);

    /// <summary>A file that hangs is met by both readers, and told once; what an older driver lacks is no problem.</summary>
    private static IEnumerable<ReadProblem> ProblemsOf(NodeSnapshot? node, IReadOnlyList<SensorReadings> readings) =>
        (node?.Problems ?? []).Concat(readings.SelectMany(reading => reading.Problems))
            .Where(problem => problem.Kind != ReadProblemKind.Missing).DistinctBy(problem => problem.Path, StringComparer.Ordinal);
}
