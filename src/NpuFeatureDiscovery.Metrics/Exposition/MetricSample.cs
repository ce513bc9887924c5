namespace NpuFeatureDiscovery.Metrics.Exposition;

/// <summary>One value of a gauge, a counter or an info.</summary>
/// <param name="Labels">What tells it from the other samples of its family.</param>
/// <param name="Value">Any number, also NaN and the infinities.</param>
public sealed record MetricSample(MetricLabels Labels, double Value)
{
    /// <param name="value">Any number, also NaN and the infinities.</param>
    /// <param name="labels">What tells it from the other samples of its family.</param>
    /// <exception cref="ArgumentException">A label's name is illegal, or given twice.</exception>
    public MetricSample(double value, params ReadOnlySpan<(string Name, string Value)> labels)
        : this(new MetricLabels(labels), value)
    {
    }
}
