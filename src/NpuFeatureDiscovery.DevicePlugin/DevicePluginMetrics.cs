using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using NpuFeatureDiscovery.DevicePlugin.Resources;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// What the plugin counts of itself, by <see cref="System.Diagnostics.Metrics"/>, on the meter <see cref="MeterName"/>.
/// </summary>
internal sealed class DevicePluginMetrics
{
    public const string MeterName = "NpuFeatureDiscovery.DevicePlugin";

    private static readonly PluginDeviceState[] States = Enum.GetValues<PluginDeviceState>();

    private readonly Counter<long> _registrations;
    private readonly UpDownCounter<long> _streams;
    private readonly Counter<long> _allocations;
    private readonly Histogram<double> _allocationDuration;
    private readonly TimeProvider _timeProvider;
    private readonly ConcurrentDictionary<string, DeviceList> _devices = new(StringComparer.Ordinal);
    private long _generation;

    public DevicePluginMetrics(IMeterFactory meters, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        var meter = meters.Create(MeterName);
        _registrations = meter.CreateCounter<long>(
            "npu.device_plugin.registrations", "{registration}", "Registrations at the kubelet, by mode and result.");
        _streams = meter.CreateUpDownCounter<long>(
            "npu.device_plugin.list_and_watch.streams", "{stream}", "ListAndWatch streams that the kubelet holds open.");
        _allocations = meter.CreateCounter<long>(
            "npu.device_plugin.allocations", "{allocation}", "Allocate calls of the kubelet, by result.");
        _allocationDuration = meter.CreateHistogram<double>(
            "npu.device_plugin.allocation.duration", "s", "How long Allocate calls took.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1] });
        meter.CreateObservableGauge(
            "npu.device_plugin.devices", Devices, "{device}", "Devices of the resource, by the state that the kubelet is told.");
        meter.CreateObservableGauge(
            "npu.device_plugin.snapshot.generation", Generation, null,
            "What was found of the NPUs, counted since the start, that the kubelet is told.");
    }

    public void RecordRegistration(string resource, RegistrationMode mode, bool isSuccess) =>
        _registrations.Add(1, Resource(resource), Mode(mode), Result(isSuccess));

    /// <summary>Tells how a resource will be registered, so that a rate can be told from the first registration on.</summary>
    public void ShowRegistrations(string resource, RegistrationMode mode)
    {
        foreach (var isSuccess in (bool[])[true, false])
            _registrations.Add(0, Resource(resource), Mode(mode), Result(isSuccess));
    }

    /// <summary>The kubelet is told all of a snapshot, since nothing in it waits for another reading.</summary>
    public void RecordGeneration(long generation) => Volatile.Write(ref _generation, generation);

    public void RecordStream(string resource, int change) => _streams.Add(change, Resource(resource));

    public void RecordDevices(string resource, DeviceList devices)
    {
        var isNew = !_devices.ContainsKey(resource);
        _devices[resource] = devices;
        if (!isNew)
            return;

        // So that a rate can be told from the first event on.
        _streams.Add(0, Resource(resource));
        foreach (var isSuccess in (bool[])[true, false])
            _allocations.Add(0, Resource(resource), Result(isSuccess));
    }

    /// <summary>Begins to measure a call, which is counted as failed unless it is said to have succeeded.</summary>
    public Allocation StartAllocation(string resource) => new(this, resource, _timeProvider.GetTimestamp());

    private IEnumerable<Measurement<long>> Generation() =>
        Volatile.Read(ref _generation) is > 0 and var generation ? [new(generation)] : [];

    private IEnumerable<Measurement<int>> Devices()
    {
        foreach (var (resource, devices) in _devices)
        {
            foreach (var state in States)
            {
                yield return new Measurement<int>(
                    devices.Devices.Count(device => device.State == state),
                    Resource(resource), new("state", state.ToString().ToLowerInvariant()));
            }
        }
    }

    private static KeyValuePair<string, object?> Resource(string resource) => new("resource", resource);

    private static KeyValuePair<string, object?> Mode(RegistrationMode mode) => new("mode", mode.ToString().ToLowerInvariant());

    private static KeyValuePair<string, object?> Result(bool isSuccess) => new("result", isSuccess ? "success" : "failure");

    public sealed class Allocation(DevicePluginMetrics metrics, string resource, long startedAt) : IDisposable
    {
        private bool _isSuccess;

        public void Succeed() => _isSuccess = true;

        public void Dispose()
        {
            metrics._allocations.Add(1, Resource(resource), Result(_isSuccess));
            metrics._allocationDuration.Record(
                metrics._timeProvider.GetElapsedTime(startedAt).TotalSeconds, Resource(resource));
        }
    }
}
