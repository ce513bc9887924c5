namespace NpuFeatureDiscovery.Metrics.Exposition;

/// <summary>One histogram: how many observations fell into which range.</summary>
public sealed class HistogramSample
{
    private readonly double[] _bounds;
    private readonly long[] _counts;

    /// <param name="labels">What tells it from the other samples of its family; <c>le</c> is the buckets' own.</param>
    /// <param name="bounds">The largest value of each bucket but the last, which has none: finite numbers, ascending.</param>
    /// <param name="counts">The observations of each bucket alone, one number more than there are bounds.</param>
    /// <param name="sum">The sum of all observations.</param>
    /// <exception cref="ArgumentException">An argument is not as described.</exception>
    public HistogramSample(MetricLabels labels, ReadOnlySpan<double> bounds, ReadOnlySpan<long> counts, double sum)
    {
        (Labels, _bounds, _counts, Sum) = (labels, bounds.ToArray(), counts.ToArray(), sum);
        foreach (var (name, _) in labels.Span)
        {
            if (name == MetricName.BucketLabel)
                throw new ArgumentException(
                    $"Label '{MetricName.BucketLabel}' of a histogram belongs to its buckets: take another name.");
        }

        for (var index = 0; index < _bounds.Length; index++)
        {
            if (!double.IsFinite(_bounds[index]) || (index > 0 && _bounds[index] <= _bounds[index - 1]))
                throw new ArgumentException(
                    $"Bounds '{string.Join(' ', _bounds)}' of a histogram are invalid: they are finite and ascend.",
                    nameof(bounds));
        }

        if (_counts.Length != _bounds.Length + 1 || Array.Exists(_counts, static count => count < 0))
            throw new ArgumentException(
                $"Counts '{string.Join(' ', _counts)}' of a histogram are invalid: needed are {_bounds.Length + 1} numbers, "
                + "none of them negative.", nameof(counts));
    }

    /// <summary>What tells it from the other samples of its family.</summary>
    public MetricLabels Labels { get; }

    /// <summary>The largest value of each bucket but the last, which has no bound.</summary>
    public IReadOnlyList<double> Bounds => _bounds;

    /// <summary>The observations of each bucket alone, one number more than there are bounds.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>The sum of all observations.</summary>
    public double Sum { get; }
}
