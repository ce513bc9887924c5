using System.Globalization;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Meters;

internal static class TagLabels
{
    /// <summary>The labels of a measurement. Of tags that become one label the first counts: nothing may fail here.</summary>
    public static MetricLabels Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (tag, value) in tags)
            labels.TryAdd(InstrumentName.Label(tag), TextOf(value));

        var items = new List<(string, string)>(labels.Count);
        foreach (var (name, value) in labels)
            items.Add((name, value));

        return new MetricLabels([.. items]);
    }

    private static string TextOf(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
