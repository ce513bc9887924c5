using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Benchmarks;

/// <summary>What is done every minute while nothing changes, of which most days consist.</summary>
public class LabelPassBenchmarks : HostBenchmark
{
    private LabelPublisher _publisher = null!;

    [Benchmark]
    public async Task<object> NothingNewAsync() => await _publisher.PublishAsync(Node, CancellationToken.None);

    protected override void Prepare()
    {
        var features = Own(new TemporaryFolder());
        var sink = new FeatureFileSink(new FeatureFileOptions { FeaturesDirectory = features.Path, Lease = TimeSpan.FromDays(1) });
        _publisher = new LabelPublisher(new LabelOptions(), sink, NullLogger<LabelPublisher>.Instance);
    }
}
