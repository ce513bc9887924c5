using NpuFeatureDiscovery.Metrics.Npus;

namespace NpuFeatureDiscovery.Metrics.Tests.Npus;

public sealed class NpuMetricsOptionsTests
{
    [Test]
    public void The_defaults_are_valid() => Assert.That(Validate(new NpuMetricsOptions()), Is.Null);

    [Test]
    public void Pod_labels_without_Pods_are_refused() =>
        Assert.That(Validate(new NpuMetricsOptions { Pods = false, PodLabels = true }), Does.Contain("PodLabels needs Pods"));

    private static string? Validate(NpuMetricsOptions options) => new NpuMetricsOptionsValidator().Validate(null, options).FailureMessage;
}
