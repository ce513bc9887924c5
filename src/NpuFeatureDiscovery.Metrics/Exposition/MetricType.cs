namespace NpuFeatureDiscovery.Metrics.Exposition;

/// <summary>What the samples of a <see cref="MetricFamily"/> are.</summary>
public enum MetricType
{
    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A value that only grows while the program runs. Its name ends in <c>_total</c>.</summary>
    Counter,

    /// <summary>How many observations fell into which range.</summary>
    Histogram,

    /// <summary>Text, as the labels of a sample that is always 1. Its name ends in <c>_info</c>.</summary>
    Info,
}
