using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>How published labels differ from those that would be published.</summary>
internal static class LabelDifference
{
    /// <summary>A line for each label that would go ('-') or come ('+'), in order of the keys; none where nothing differs.</summary>
    public static IEnumerable<string> Describe(IReadOnlyList<string> published, LabelSet wanted)
    {
        var lines = wanted.Labels.Select(label => label.ToString()).ToArray();
        // What goes stands before what comes with the same key, as the order of those with equal keys is kept.
        return published.Except(lines).Select(line => $"- {line}")
            .Concat(lines.Except(published).Select(line => $"+ {line}"))
            .OrderBy(change => change[2..].Split('=')[0], StringComparer.Ordinal);
    }
}
