using System.Buffers;
using BenchmarkDotNet.Attributes;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Benchmarks;

/// <summary>From what is known of the cards to the texts that are published.</summary>
public class RenderBenchmarks : HostBenchmark
{
    private readonly LabelOptions _options = new();
    private readonly BaseUnitsProfile _profile = new();
    private readonly ArrayBufferWriter<byte> _text = new(1 << 20);
    private LabelSet _labels = LabelSet.Empty;
    private NpuScrape _scrape = new([]);
    private MetricFamily[] _families = [];

    [Benchmark]
    public LabelSet Labels() => LabelEngine.Create(Node, _options);

    [Benchmark]
    public string FeatureFile() => FeatureFileText.Render(_labels);

    [Benchmark]
    public IReadOnlyList<MetricFamily> Families() => [.. _profile.CreateFamilies(_scrape)];

    [Benchmark]
    public int PrometheusText()
    {
        _text.ResetWrittenCount();
        MetricsFormat.PrometheusText.Write(_text, _families);
        return _text.WrittenCount;
    }

    protected override void Prepare()
    {
        using var sensors = new SensorReader(Host.Root, TimeProvider.System, SensorReader.DefaultDeviceTimeout);
        _scrape = new NpuScrape([.. sensors.Read(Node.Devices).Select(reading => new NpuCard(reading, [], CardHolders.Untold))]);
        _families = [.. Families()];
        _labels = Labels();
    }
}
