using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>Reads all sources of metrics.</summary>
internal sealed partial class MetricsReader
{
    private readonly PartList<SourceReader> _sources;
    private readonly Func<IMetricSource, SourceReader> _createReader;
    private readonly SeriesLimit _limit;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, bool> _refused = new(StringComparer.Ordinal);

    public MetricsReader(
        IEnumerable<IMetricSource> sources, IOptions<EndpointOptions> options, TimeProvider timeProvider,
        ILogger<MetricsReader> logger)
    {
        _createReader = source => new SourceReader(source, options.Value.CollectDeadline, timeProvider, logger);
        _sources = new PartList<SourceReader>(sources.Select(_createReader));
        _limit = new SeriesLimit(options.Value.MaxSeries, logger);
        _logger = logger;
        ThrowIfTwice(_sources.All, nameof(sources));
    }

    /// <summary>Puts the sources of a part in the place of those that it had.</summary>
    public void Set(string part, IEnumerable<IMetricSource> sources)
    {
        SourceReader[] added = [.. sources.Select(_createReader)];
        ThrowIfTwice([.. _sources.AllBut(part), .. added], nameof(sources));
        _sources.Set(part, added);
    }

    /// <summary>The metrics of all sources that could be read; of two that take one name the first.</summary>
    public async Task<IReadOnlyList<MetricFamily>> ReadAsync(CancellationToken cancellationToken)
    {
        var readings = await Task.WhenAll(_sources.All.Select(source => source.ReadAsync(cancellationToken)));
        var families = _limit.Fit(WithoutTwins(readings), ScrapeMetrics.SeriesCount(readings.Length));
        families.AddRange(ScrapeMetrics.Create(readings, _limit.Dropped));
        return families;
    }

    private static void ThrowIfTwice(SourceReader[] sources, string parameter)
    {
        if (sources.GroupBy(source => source.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Skip(1).Any()) is { } twice)
        {
            throw new ArgumentException(
                $"{twice.Count()} sources of metrics have the name '{twice.Key}': give each another one.", parameter);
        }
    }

    private List<RankedFamily> WithoutTwins(SourceReading[] readings)
    {
        var families = new List<RankedFamily>();
        var taken = new HashSet<string>(ScrapeMetrics.TakenNames, StringComparer.Ordinal);
        foreach (var reading in readings)
        {
            foreach (var family in reading.Families)
            {
                if (!Array.Exists(family.TakenNames, taken.Contains))
                {
                    taken.UnionWith(family.TakenNames);
                    families.Add(new RankedFamily(family, reading.Rank));
                }
                else if (_refused.TryAdd(family.Name, true))
                {
                    LogNameTaken(family.Name);
                }
            }
        }

        return families;
    }

    [LoggerMessage(2, LogLevel.Warning,
        "Metric '{Metric}' is left out: its name, or one of its samples', belongs to another metric. Rename one",
        EventName = "NameTaken")]
    private partial void LogNameTaken(string metric);
}
