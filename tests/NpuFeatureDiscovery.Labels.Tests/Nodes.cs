using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Tests;

/// <summary>Snapshots to make labels of.</summary>
internal static class Nodes
{
    public static NodeSnapshot Of(params ReadOnlySpan<NpuDevice> devices) => new(
        EquatableArray.Create(devices), new Machine("Supermicro", "SYS-421GE-TNRT"), []);

    public static NpuDevice Warboy(int index, string product = "warboyB0", string? driver = "1.9.2, 3def9c2") =>
        Device(NpuFamily.Warboy, index, product, driver);

    public static NpuDevice Rngd(int index, string product = "rngd", string? driver = "1.0.0, 0abcdef") =>
        Device(NpuFamily.Rngd, index, product, driver);

    public static NpuVersion? Version(string? text) =>
        text is not null && NpuVersion.TryParse(text, out var version) ? version : null;

    private static NpuDevice Device(NpuFamily family, int index, string product, string? driver) => new()
    {
        Family = family,
        Platform = NpuPlatform.FuriosaAI,
        Product = product,
        Index = index,
        PciAddress = PciAddress.Parse($"0000:{index:x2}:00.0"),
        DriverVersion = Version(driver),
        Health = DeviceHealth.Healthy,
    };
}
