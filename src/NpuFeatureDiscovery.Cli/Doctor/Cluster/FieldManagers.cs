namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Who has set a label by hand or by a tool of their own.</summary>
internal static class FieldManagers
{
    /// <summary>Neither us nor NFD, nor the name that the API server gives to whoever came before the first apply.</summary>
    public static IReadOnlyList<string> Of(string key, ClusterNode node) =>
        [.. node.Labelled.OthersWith(key).Where(IsOther).Distinct()];

    private static bool IsOther(string manager) =>
        manager is not ("" or "before-first-apply" or "npu-feature-discovery")
            && !manager.Contains("nfd", StringComparison.Ordinal);
}
