using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>The labels of a node: sorted by key, each key once. Immutable, and compared by value.</summary>
public sealed record LabelSet
{
    internal LabelSet(IEnumerable<Label> labels, IEnumerable<LabelRemark> remarks, IEnumerable<DeviceFeature> devices)
    {
        Labels = [.. labels.OrderBy(label => label.Key, StringComparer.Ordinal)];
        Remarks = [.. remarks];
        Devices = [.. devices];
    }

    /// <summary>No labels: to publish it is to take away what was published.</summary>
    public static LabelSet Empty { get; } = new([], [], []);

    /// <summary>The labels, in ordinal order of their keys.</summary>
    public EquatableArray<Label> Labels { get; }

    /// <summary>What was changed or refused while the labels were made.</summary>
    public EquatableArray<LabelRemark> Remarks { get; }

    /// <summary>What the labels were made of, for sinks that publish that too.</summary>
    public EquatableArray<DeviceFeature> Devices { get; }
}
