using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>The labels of a node: sorted by key, each key once. Immutable, and compared by value.</summary>
public sealed record LabelSet
{
    internal LabelSet(IEnumerable<Label> labels, IEnumerable<LabelRemark> remarks)
    {
        Labels = [.. labels.OrderBy(label => label.Key, StringComparer.Ordinal)];
        Remarks = [.. remarks];
    }

    /// <summary>The labels, in ordinal order of their keys.</summary>
    public EquatableArray<Label> Labels { get; }

    /// <summary>What was changed or refused while the labels were made.</summary>
    public EquatableArray<LabelRemark> Remarks { get; }
}
