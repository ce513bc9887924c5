namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>How bad a finding is; the worst one decides the exit code.</summary>
internal enum FindingLevel
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, but somebody should look, or it could not be made out.</summary>
    Warning,

    /// <summary>NPUs, labels or metrics are missing or wrong.</summary>
    Problem,
}
