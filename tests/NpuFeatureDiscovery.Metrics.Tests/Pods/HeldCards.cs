using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Metrics.Tests.Pods;

/// <summary>Warboys, and what Pods hold of them.</summary>
internal static class HeldCards
{
    public static Allocation Held(string id, string pod) =>
        new(UnitId.TryParse(id, out var unit) ? unit : default, "beta.furiosa.ai/npu", "default", pod, "main");

    public static NpuDevice Card(int index, string? uuid) => new()
    {
        Family = NpuFamily.Warboy,
        Platform = NpuPlatform.FuriosaAI,
        Product = "warboyB0",
        Index = index,
        PciAddress = new PciAddress(0, (byte)index, 0, 0),
        Uuid = uuid,
        Cores = [0, 1],
        Health = DeviceHealth.Healthy,
    };
}
