using NpuFeatureDiscovery.Cli.Doctor.Cluster;
using NpuFeatureDiscovery.Cli.Doctor.Host;
using NpuFeatureDiscovery.Cli.Doctor.Kubelet;
using NpuFeatureDiscovery.Cli.Doctor.Published;

namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>All checks, in the order of the report: from the cards outwards.</summary>
internal static class DoctorChecks
{
    public static IReadOnlyList<NamedCheck> Of(DoctorContext context) =>
    [
        new(MountCheck.Name, new MountCheck(context)),
        new(DriverCheck.Name, new DriverCheck(context)),
        new(PciCheck.Name, new PciCheck(context)),
        new(DeviceCheck.Name, new DeviceCheck(context)),
        new(SensorCheck.Name, new SensorCheck(context)),
        new(KubeletCheck.Name, new KubeletCheck(context)),
        .. context.Address is null ? Array.Empty<NamedCheck>() : [new(ProgramCheck.Name, new ProgramCheck(context))],
        new(HolderCheck.Name, new HolderCheck(context)),
        new(FeatureFileCheck.Name, new FeatureFileCheck(context)),
        new(LeftoverCheck.Name, new LeftoverCheck(context)),
        new(ClusterCheck.Name, new ClusterCheck(context)),
    ];
}
