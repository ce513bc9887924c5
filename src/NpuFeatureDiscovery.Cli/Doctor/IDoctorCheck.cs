namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>Looks at one part of the node or the cluster, and changes nothing.</summary>
internal interface IDoctorCheck
{
    /// <summary>
    /// What it finds, at least one line. What it cannot look at, for want of a mount, a right or a partner, is a finding as well, never
    /// an exception.
    /// </summary>
    ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken);
}
