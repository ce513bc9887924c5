using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Npus;

namespace NpuFeatureDiscovery.Metrics.Pods;

/// <summary>Shows which Pods hold the cards, as series to join with those of the cards, and what is wrong with that.</summary>
internal sealed partial class AllocationSource(
    DeviceMonitor monitor, PodResourcesClient kubelet, NpuMetricsOptions options, IMeterFactory meters,
    ILogger<AllocationSource> logger) : IMetricSource
{
    private readonly DeviceIds _ids = new();
    private readonly Counter<long> _errors = meters.Create("NpuFeatureDiscovery.Metrics").CreateCounter<long>(
        "npu.metrics_exporter.pod_resources.errors", "{error}", "Scrapes at which the kubelet did not tell who holds what.");
    private string? _lastFailure;

    public string Name => "pods";

    public async ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        if (!options.Pods || monitor.Latest is not { } node)
            return [];

        try
        {
            var allocations = await kubelet.ListAsync(cancellationToken);
            _lastFailure = null;
            return Create(node, allocations);
        }
        catch (GrpcException exception)
        {
            _errors.Add(1);
            if (exception.Message != _lastFailure)
                LogFailed(exception.Message);

            _lastFailure = exception.Message;
            return [];
        }
    }

    private IReadOnlyCollection<MetricFamily> Create(NodeSnapshot node, IReadOnlyList<Allocation> allocations)
    {
        var devices = _ids.Of(node.Devices).Zip(node.Devices).ToDictionary(card => card.First, card => card.Second, StringComparer.Ordinal);
        var findings = AllocationCheck.Find(node, _ids, allocations);
        return
        [
            MetricFamily.Info("furiosa_npu_allocation_info", "Who holds the NPU, or the core of it.",
                allocations.Select(allocation => Labels(allocation, devices)).Distinct()),
            MetricFamily.Gauge("furiosa_npu_allocation_fault", "1 for each allocation that cannot be right.",
                findings.Select(finding => Labels(finding.Allocation, devices, ("fault", Word(finding.Fault)))).Distinct()
                    .Select(labels => new MetricSample(labels, 1))),
        ];
    }

    private static MetricLabels Labels(
        Allocation allocation, Dictionary<string, NpuDevice> devices, params ReadOnlySpan<(string Name, string Value)> more) => new(
    [
        ("device", devices.GetValueOrDefault(allocation.Unit.DeviceId)?.Name ?? ""),
        ("uuid", devices.GetValueOrDefault(allocation.Unit.DeviceId)?.Uuid ?? allocation.Unit.DeviceId),
        ("core", allocation.Unit.Cores?.ToString() ?? ""),
        ("resource", allocation.Resource),
        ("namespace", allocation.Namespace),
        ("pod", allocation.Pod),
        ("container", allocation.Container),
        .. more,
    ]);

    private static string Word(AllocationFault fault) => fault switch
    {
        AllocationFault.DoubleAllocation => "double",
        AllocationFault.Overlap => "overlap",
        AllocationFault.Phantom => "phantom",
        _ => "unhealthy",
    };

    [LoggerMessage(1, LogLevel.Warning, "Which Pods hold the NPUs is not known: {Failure}", EventName = "Failed")]
    private partial void LogFailed(string failure);
}
