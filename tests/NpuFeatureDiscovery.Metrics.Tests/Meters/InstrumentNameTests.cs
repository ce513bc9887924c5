using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Meters;

namespace NpuFeatureDiscovery.Metrics.Tests.Meters;

public sealed class InstrumentNameTests
{
    [TestCase("npu.plugin.calls", "{call}", MetricType.Counter, ExpectedResult = "npu_plugin_calls_total")]
    [TestCase("npu.calls.total", null, MetricType.Counter, ExpectedResult = "npu_calls_total")]
    [TestCase("npu.cpu.time", "s", MetricType.Counter, ExpectedResult = "npu_cpu_time_seconds_total")]
    [TestCase("npu.cpu.seconds_total", "s", MetricType.Counter, ExpectedResult = "npu_cpu_seconds_total")]
    [TestCase("npu.duration", "s", MetricType.Histogram, ExpectedResult = "npu_duration_seconds")]
    [TestCase("npu.duration.seconds", "s", MetricType.Histogram, ExpectedResult = "npu_duration_seconds")]
    [TestCase("npu.memory", "By", MetricType.Gauge, ExpectedResult = "npu_memory_bytes")]
    [TestCase("npu.ratio", "1", MetricType.Gauge, ExpectedResult = "npu_ratio")]
    [TestCase("npu-a/b", null, MetricType.Gauge, ExpectedResult = "npu_a_b")]
    [TestCase("9é", null, MetricType.Gauge, ExpectedResult = "_9_")]
    public string An_instrument_is_named_by_the_rules_of_Prometheus(string name, string? unit, MetricType type) =>
        InstrumentName.Metric(name, InstrumentName.Unit(unit), type);

    [TestCase("method", ExpectedResult = "method")]
    [TestCase("rpc.method", ExpectedResult = "rpc_method")]
    [TestCase("__name__", ExpectedResult = "_name__")]
    [TestCase("..a", ExpectedResult = "_a")]
    [TestCase("le", ExpectedResult = "_le")]
    [TestCase("9", ExpectedResult = "_9")]
    [TestCase("", ExpectedResult = "_")]
    public string A_tag_becomes_a_legal_label(string tag)
    {
        var label = InstrumentName.Label(tag);

        Assert.That(() => new MetricLabels((label, "1")), Throws.Nothing);
        return label;
    }
}
