using System.Reflection;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Processes;

/// <summary>Which build of this software it is, and what it runs on.</summary>
internal sealed class BuildSource : IMetricSource
{
    private readonly IReadOnlyCollection<MetricFamily> _families = [Family()];

    public string Name => "build";

    public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(_families);

    private static MetricFamily Family()
    {
        // 1.2.3+0123abc, where the revision is known.
        var version = typeof(BuildSource).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+', 2);
        return MetricFamily.Info(
            "npu_feature_discovery_build_info", "The build of npu-feature-discovery that runs.",
            new MetricLabels(
                ("version", version[0]),
                ("revision", version.ElementAtOrDefault(1) ?? ""),
                ("dotnet_version", Environment.Version.ToString())));
    }
}
