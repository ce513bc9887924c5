using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Metrics.Tests.Pods;

/// <summary>Warboys, and what Pods hold of them.</summary>
internal static class HeldCards
{
    public static Allocation Held(string id, string pod) =>
        new(IdOf(id), "beta.furiosa.ai/npu", "default", pod, "main");

    public static UnitId IdOf(string text) =>
        UnitId.TryParse(text, out var id) ? id : throw new ArgumentException($"'{text}' is no id of a unit.", nameof(text));

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
