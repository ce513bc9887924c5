namespace NpuFeatureDiscovery.Metrics;

/// <summary>Where a program shows its metrics and health, and what of it.</summary>
public sealed class EndpointOptions
{
    /// <summary>The largest <see cref="MaxSeries"/>.</summary>
    public const int MostSeries = 10_000_000;

    /// <summary>Where to listen.</summary>
    /// <value>Must be set.</value>
    public EndpointAddress? Address { get; set; }

    /// <summary>The meters whose instruments are shown.</summary>
    /// <value>
    /// Names; one that ends in <c>*</c> stands for all that begin so. Default: <c>NpuFeatureDiscovery.*</c>, those of our
    /// libraries.
    /// </value>
    public IList<string> Meters { get; set; } = ["NpuFeatureDiscovery.*"];

    /// <summary>
    /// How long a scrape waits for an <see cref="IMetricSource"/>; the metrics of one that takes longer are left out.
    /// </summary>
    /// <value>
    /// More than zero, and less than the scrape's own limit, 10 s in Prometheus. Default: 2.5 s, so that a scrape ends within 3 s.
    /// </value>
    public TimeSpan CollectDeadline { get; set; } = TimeSpan.FromSeconds(2.5);

    /// <summary>
    /// How long a probe waits for a health check, unless the check has a shorter timeout of its own; one that takes longer has
    /// failed.
    /// </summary>
    /// <value>
    /// More than zero. A kubelet learns the reason only where its probe's <c>timeoutSeconds</c>, 1 s unless set, is longer.
    /// Default: 3 s.
    /// </value>
    public TimeSpan CheckDeadline { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How many series a scrape may have. A metric that does not fit is left out whole, and counted in
    /// <c>npu_feature_discovery_scrape_dropped_series_total</c>; those of the process, the build and the scrape itself always fit.
    /// </summary>
    /// <value>1 to <see cref="MostSeries"/>. Default: 50,000.</value>
    public int MaxSeries { get; set; } = 50_000;
}
