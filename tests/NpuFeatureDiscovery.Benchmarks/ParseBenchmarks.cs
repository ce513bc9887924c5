using BenchmarkDotNet.Attributes;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Benchmarks;

/// <summary>From sysfs to what is known of the cards.</summary>
public class ParseBenchmarks : HostBenchmark
{
    private SensorReader _sensors = null!;

    [Benchmark]
    public NodeSnapshot Snapshot() => Reader.Read();

    [Benchmark]
    public bool PresenceAndHealth() => Reader.PresenceOrHealthChanged(out _);

    [Benchmark]
    public IReadOnlyList<SensorReadings> Sensors() => _sensors.Read(Node.Devices);

    protected override void Prepare() =>
        _sensors = Own(new SensorReader(Host.Root, TimeProvider.System, SensorReader.DefaultDeviceTimeout));
}
