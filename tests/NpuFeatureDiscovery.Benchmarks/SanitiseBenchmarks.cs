using BenchmarkDotNet.Attributes;
using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Benchmarks;

/// <summary>Texts of firmware as label values.</summary>
public class SanitiseBenchmarks
{
    [Params("warboyB0", "Super Micro, Inc.", "To be filled by O.E.M. (a text that is longer than a label value may be, by far)")]
    public string Text { get; set; } = "";

    [Benchmark]
    public string LabelValueOfText() => LabelValue.Sanitise(Text);
}
