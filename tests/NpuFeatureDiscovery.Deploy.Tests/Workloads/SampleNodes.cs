using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Deploy.Tests.Workloads;

/// <summary>The labels that the label engine gives to samples/nodes.</summary>
internal static class SampleNodes
{
    /// <summary>By the names of the nodes.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Labels { get; } =
        Directory.GetDirectories(Repository.At("samples/nodes")).ToDictionary(folder => Path.GetFileName(folder), LabelsOf);

    private static IReadOnlyDictionary<string, string> LabelsOf(string folder)
    {
        using var reader = new NodeReader(new HostRoot(folder));
        var labels = LabelEngine.Create(reader.Read(), new LabelOptions()).Labels;
        return labels.ToDictionary(label => label.Key, label => label.Value);
    }
}
