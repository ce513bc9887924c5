using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>
/// Keeps a scrape within its number of series. Metrics are left out whole, since half of one would be taken for all of it, and those
/// that still fit behind one that does not are shown.
/// </summary>
internal sealed partial class SeriesLimit(int maxSeries, ILogger logger)
{
    private readonly ConcurrentDictionary<string, bool> _logged = new(StringComparer.Ordinal);
    private long _dropped;

    /// <summary>The series that were left out, of all scrapes.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Those that fit, by rank and then by name, beside a number of series that are shown in any case.</summary>
    public List<MetricFamily> Fit(List<RankedFamily> families, int shown)
    {
        families.Sort(static (one, other) => one.Rank == other.Rank
            ? string.CompareOrdinal(one.Family.Name, other.Family.Name)
            : (int)one.Rank - (int)other.Rank);
        var fitting = new List<MetricFamily>(families.Count);
        var left = maxSeries - shown;
        foreach (var (family, rank) in families)
        {
            var count = family.SeriesCount;
            if (count <= left || rank == SeriesRank.Own)
            {
                left -= count;
                fitting.Add(family);
                continue;
            }

            Interlocked.Add(ref _dropped, count);
            if (_logged.TryAdd(family.Name, true))
                LogDropped(family.Name, count, maxSeries);
        }

        return fitting;
    }

    [LoggerMessage(
        3, LogLevel.Warning,
        "Metric '{Metric}' is left out: with its {Count} series the scrape would have more than {MaxSeries}. Raise the limit, or show less",
        EventName = "Dropped")]
    private partial void LogDropped(string metric, int count, int maxSeries);
}
