namespace NpuFeatureDiscovery.Labels.Profiles;

/// <summary>How cards that differ are told in one value: plainly, and in whatever order they stand in the node.</summary>
internal static class DistinctNames
{
    /// <summary>Each name once, sorted: <c>rngd_warboyB0</c>.</summary>
    public static string Join(IEnumerable<string> names) => string.Join('_', names.Distinct().Order(StringComparer.Ordinal));
}
