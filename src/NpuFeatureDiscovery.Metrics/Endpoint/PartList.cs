namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>What a host has of something itself, and what parts of the program add to it while they run.</summary>
internal sealed class PartList<T>(IEnumerable<T> own)
{
    private readonly Lock _lock = new();
    private readonly T[] _own = [.. own];
    private readonly SortedDictionary<string, T[]> _parts = new(StringComparer.Ordinal);
    private volatile T[]? _all;

    /// <summary>All that there is now: the host's own first, then that of the parts in the order of their names.</summary>
    public T[] All => _all ?? _own;

    /// <summary>The same without what a part has.</summary>
    public T[] AllBut(string part)
    {
        lock (_lock)
            return [.. _own, .. _parts.Where(other => other.Key != part).SelectMany(other => other.Value)];
    }

    /// <summary>Puts what a part has now in the place of what it had, at once.</summary>
    public void Set(string part, T[] items)
    {
        lock (_lock)
        {
            _parts[part] = items;
            _all = [.. _own, .. _parts.Values.SelectMany(items => items)];
        }
    }
}
