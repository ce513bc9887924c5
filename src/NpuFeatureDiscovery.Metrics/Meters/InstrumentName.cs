using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Meters;

/// <summary>Names of instruments and tags as those of metrics and labels.</summary>
/// <remarks>https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/.</remarks>
internal static class InstrumentName
{
    /// <summary>The unit as names of metrics spell it; <see langword="null"/> where they do not.</summary>
    public static string? Unit(string? unit) => unit switch
    {
        "s" => "seconds",
        "By" => "bytes",
        _ => null,
    };

    public static string Metric(string instrument, string? unit, MetricType type)
    {
        var name = Legal(instrument);
        if (type == MetricType.Counter)
            name = WithoutEnd(name, MetricName.CounterSuffix);
        if (unit is not null && !name.EndsWith($"_{unit}", StringComparison.Ordinal))
            name += $"_{unit}";
        return type == MetricType.Counter ? name + MetricName.CounterSuffix : name;
    }

    public static string Label(string tag)
    {
        // Two underscores at the start are Prometheus' own, and 'le' is the buckets' of a histogram.
        var name = Legal(tag);
        return name == MetricName.BucketLabel ? "_le"
            : name.StartsWith("__", StringComparison.Ordinal) ? "_" + name.TrimStart('_')
            : name;
    }

    private static string Legal(string name)
    {
        var legal = string.Create(name.Length, name, static (span, name) =>
        {
            for (var index = 0; index < span.Length; index++)
                span[index] = char.IsAsciiLetterOrDigit(name[index]) ? name[index] : '_';
        });
        return legal.Length == 0 || char.IsAsciiDigit(legal[0]) ? "_" + legal : legal;
    }

    private static string WithoutEnd(string name, string end) =>
        name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : name;
}
