using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>Reads all sources of metrics.</summary>
internal sealed partial class MetricsReader(
    IEnumerable<IMetricSource> sources, IOptions<EndpointOptions> options, TimeProvider timeProvider,
    ILogger<MetricsReader> logger)
{
    private readonly SourceReader[] _sources = [.. sources.Select(
        source => new SourceReader(source, options.Value.CollectDeadline, timeProvider, logger))];
    private readonly ConcurrentDictionary<string, bool> _refused = new(StringComparer.Ordinal);

    /// <summary>The metrics of all sources that could be read; of two that take one name the first.</summary>
    public async Task<IReadOnlyList<MetricFamily>> ReadAsync(CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(_sources.Select(source => source.ReadAsync(cancellationToken)));
        var families = new List<MetricFamily>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var family in results.SelectMany(result => result))
        {
            if (!taken.Overlaps(family.TakenNames))
            {
                taken.UnionWith(family.TakenNames);
                families.Add(family);
            }
            else if (_refused.TryAdd(family.Name, true))
            {
                LogNameTaken(family.Name);
            }
        }

        return families;
    }

    [LoggerMessage(2, LogLevel.Warning,
        "Metric '{Metric}' is left out: its name, or one of its samples', belongs to another metric. Rename one",
        EventName = "NameTaken")]
    private partial void LogNameTaken(string metric);
}
