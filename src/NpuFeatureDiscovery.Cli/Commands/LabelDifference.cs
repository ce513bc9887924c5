using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>How published labels differ from those that would be published.</summary>
internal static class LabelDifference
{
    /// <summary>A line for each label that would go ('-') or come ('+'), in order of the keys; none where nothing differs.</summary>
    public static IEnumerable<string> Describe(IReadOnlyList<string> published, LabelSet wanted)
    {
        var lines = wanted.Labels.Select(label => label.ToString()).ToArray();
        return published.Except(lines).Select(line => (Sign: '-', Line: line))
            .Concat(lines.Except(published).Select(line => (Sign: '+', Line: line)))
            .OrderBy(change => change.Line.Split('=')[0], StringComparer.Ordinal).ThenByDescending(change => change.Sign)
            .Select(change => $"{change.Sign} {change.Line}");
    }
}
