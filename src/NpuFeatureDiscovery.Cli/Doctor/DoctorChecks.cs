using NpuFeatureDiscovery.Cli.Doctor.Cluster;
using NpuFeatureDiscovery.Cli.Doctor.Host;

namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>All checks, in the order of the report: from the cards outwards.</summary>
internal static class DoctorChecks
{
    public static IReadOnlyList<NamedCheck> Of(DoctorContext context) =>
    [
        new(DriverCheck.Name, new DriverCheck(context)),
        new(ClusterCheck.Name, new ClusterCheck(context)),
    ];
}
