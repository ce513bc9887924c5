using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Profiles;

/// <summary>The names of the architectures, of which one was renamed.</summary>
internal static class FamilyNames
{
    /// <summary>In the generations alpha and beta.</summary>
    public static string BeforeRename(NpuDevice device) => device.Family == NpuFamily.Rngd ? "renegade" : "warboy";

    /// <summary>In the generation current.</summary>
    public static string Current(NpuDevice device) => device.Family == NpuFamily.Rngd ? "rngd" : "warboy";
}
