using System.Buffers;

namespace NpuFeatureDiscovery.Metrics.Exposition;

/// <summary>The rules for names, those of https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels.</summary>
internal static class MetricName
{
    /// <summary>The label of a histogram's bucket.</summary>
    public const string BucketLabel = "le";

    public const string CounterSuffix = "_total";
    public const string InfoSuffix = "_info";

    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>Colons are legal as well, but are left to recording rules.</summary>
    public static void Check(string name)
    {
        if (!IsName(name))
            throw new ArgumentException(
                $"Metric name '{name}' is invalid: allowed are letters, digits and '_', with no digit at the start.");
    }

    public static void CheckEnd(string name, MetricType type, string suffix)
    {
        if (!name.EndsWith(suffix, StringComparison.Ordinal) || name.Length == suffix.Length)
            throw new ArgumentException($"Metric name '{name}' is invalid: the name of a {type} ends in '{suffix}'.");
    }

    /// <summary>Two underscores at the start are Prometheus' own.</summary>
    public static void CheckLabel(string name)
    {
        if (!IsName(name) || name.StartsWith("__", StringComparison.Ordinal))
            throw new ArgumentException(
                $"Label name '{name}' is invalid: allowed are letters, digits and '_', with no digit and not '__' at the start.");
    }

    private static bool IsName(ReadOnlySpan<char> name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(Letters);
}
