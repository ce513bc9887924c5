namespace NpuFeatureDiscovery.Metrics;

/// <summary>The tags by which a health check, registered by <c>AddHealthChecks()</c>, takes part in a probe.</summary>
public static class HealthCheckTags
{
    /// <summary>For <c>/livez</c>: the process is to be restarted where it fails.</summary>
    public const string Live = "live";

    /// <summary>For <c>/readyz</c>: the process does not do its work where it fails.</summary>
    public const string Ready = "ready";
}
