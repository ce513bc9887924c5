namespace NpuFeatureDiscovery.Metrics.Exposition;

/// <summary>A metric: one name, and a sample for each combination of labels.</summary>
/// <remarks>
/// What cannot be written is refused when the family is made, by an <see cref="ArgumentException"/>: an illegal name, a
/// counter's without <c>_total</c>, an info's without <c>_info</c>, a counter below 0, and two samples with equal labels.
/// </remarks>
public sealed class MetricFamily
{
    private MetricFamily(string name, MetricType type, string help, string? unit)
    {
        MetricName.Check(name);
        ArgumentNullException.ThrowIfNull(help);
        (Name, Type, Help, Unit) = (name, type, help, unit);
        StemName = type switch
        {
            MetricType.Counter => name[..^MetricName.CounterSuffix.Length],
            MetricType.Info => name[..^MetricName.InfoSuffix.Length],
            _ => name,
        };
        TakenNames = type switch
        {
            MetricType.Counter or MetricType.Info => [name, StemName],
            MetricType.Histogram => [name, name + "_bucket", name + "_count", name + "_sum"],
            _ => [name],
        };
    }

    /// <summary>The name as in a query, with the <c>_total</c> of a counter and the <c>_info</c> of an info.</summary>
    public string Name { get; }

    /// <summary>What the samples are.</summary>
    public MetricType Type { get; }

    /// <summary>What it says, in a sentence; may be empty.</summary>
    public string Help { get; }

    /// <summary>
    /// The unit, such as <c>seconds</c>. It is written where the name ends in it, as OpenMetrics demands, and nowhere else.
    /// </summary>
    public string? Unit { get; }

    /// <summary>The samples in the order of their labels; of a histogram there are none.</summary>
    public IReadOnlyList<MetricSample> Samples { get; private init; } = [];

    /// <summary>The samples of a histogram in the order of their labels.</summary>
    public IReadOnlyList<HistogramSample> Histograms { get; private init; } = [];

    /// <summary>How many series it is to who reads it: a histogram's buckets, count and sum are one each.</summary>
    internal int SeriesCount
    {
        get
        {
            var count = Samples.Count;
            for (var index = 0; index < Histograms.Count; index++)
                count += Histograms[index].Counts.Count + 2;

            return count;
        }
    }

    /// <summary>The name of the family where suffixes belong to the samples.</summary>
    internal string StemName { get; }

    /// <summary>The names that no other family in the same text may have.</summary>
    internal string[] TakenNames { get; }

    /// <summary>Values that go up and down.</summary>
    public static MetricFamily Gauge(string name, string help, IEnumerable<MetricSample> samples, string? unit = null) =>
        new(name, MetricType.Gauge, help, unit) { Samples = Ordered(name, samples, sample => sample.Labels) };

    /// <summary>Values that only grow.</summary>
    /// <param name="name">Ends in <c>_total</c>.</param>
    /// <param name="help">What it counts, in a sentence; may be empty.</param>
    /// <param name="samples">Numbers from 0.</param>
    /// <param name="unit">The unit, where the name ends in it: <c>seconds</c> of <c>process_cpu_seconds_total</c>.</param>
    public static MetricFamily Counter(string name, string help, IEnumerable<MetricSample> samples, string? unit = null)
    {
        MetricName.CheckEnd(name, MetricType.Counter, MetricName.CounterSuffix);
        var counter = new MetricFamily(name, MetricType.Counter, help, unit)
        {
            Samples = Ordered(name, samples, sample => sample.Labels),
        };
        return counter.Samples.FirstOrDefault(sample => !(sample.Value >= 0)) is { } odd
            ? throw new ArgumentException($"Counter '{name}' has the value '{odd.Value}': allowed are numbers from 0.")
            : counter;
    }

    /// <summary>How many observations fell into which range.</summary>
    public static MetricFamily Histogram(
        string name, string help, IEnumerable<HistogramSample> samples, string? unit = null) =>
        new(name, MetricType.Histogram, help, unit) { Histograms = Ordered(name, samples, sample => sample.Labels) };

    /// <summary>Text, as the labels of samples that are always 1.</summary>
    /// <param name="name">Ends in <c>_info</c>.</param>
    /// <param name="help">What it says, in a sentence; may be empty.</param>
    /// <param name="labels">The labels of each sample.</param>
    public static MetricFamily Info(string name, string help, params IEnumerable<MetricLabels> labels)
    {
        MetricName.CheckEnd(name, MetricType.Info, MetricName.InfoSuffix);
        var samples = labels.Select(labels => new MetricSample(labels, 1));
        return new(name, MetricType.Info, help, unit: null) { Samples = Ordered(name, samples, sample => sample.Labels) };
    }

    private static T[] Ordered<T>(string name, IEnumerable<T> samples, Func<T, MetricLabels> labelsOf)
    {
        var ordered = samples.ToArray();
        // They mostly come in order.
        var disorder = FirstDisorder();
        if (disorder >= 0)
        {
            Array.Sort(ordered, (left, right) => MetricLabels.Compare(labelsOf(left), labelsOf(right)));
            disorder = FirstDisorder();
        }

        return disorder < 0
            ? ordered
            : throw new ArgumentException(
                $"Metric '{name}' has two samples with the labels {{{labelsOf(ordered[disorder])}}}: it may have one.");

        int FirstDisorder()
        {
            for (var index = 1; index < ordered.Length; index++)
            {
                if (MetricLabels.Compare(labelsOf(ordered[index - 1]), labelsOf(ordered[index])) >= 0)
                    return index;
            }

            return -1;
        }
    }
}
