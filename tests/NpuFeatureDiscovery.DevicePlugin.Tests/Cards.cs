using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.DevicePlugin.Cdi;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Tests;

/// <summary>Cards and units as the reader makes them of a host.</summary>
internal static class Cards
{
    public static NpuCdiPublisher WithoutCdi { get; } = new(CdiMode.Off, "/var/run/cdi", NullLogger<NpuCdiPublisher>.Instance);

    public static NpuDevice Warboy(int index, int? numaNode = 0) => new()
    {
        Family = NpuFamily.Warboy,
        Platform = NpuPlatform.FuriosaAI,
        Product = "warboyB0",
        Index = index,
        PciAddress = new PciAddress(0, (byte)(0x10 + index), 0, 0),
        Uuid = $"WARBOY-{index}",
        NumaNode = numaNode,
        Cores = [0, 1],
        DeviceNodes =
        [
            new($"/dev/npu{index}_mgmt", DeviceNodeRole.Management),
            new($"/dev/npu{index}", DeviceNodeRole.MultiCore),
            new($"/dev/npu{index}pe0", DeviceNodeRole.Core, new CoreRange(0, 0)),
            new($"/dev/npu{index}pe1", DeviceNodeRole.Core, new CoreRange(1, 1)),
            new($"/dev/npu{index}pe0-1", DeviceNodeRole.Core, new CoreRange(0, 1)),
            new($"/dev/npu{index}ch0", DeviceNodeRole.Channel),
        ],
        Health = DeviceHealth.Healthy,
    };

    public static NpuDevice Rngd(int index, int? numaNode = 0)
    {
        (int Start, int End)[] fused = [(0, 1), (2, 3), (4, 5), (6, 7), (0, 3), (4, 7)];
        return new NpuDevice
        {
            Family = NpuFamily.Rngd,
            Platform = NpuPlatform.FuriosaAI,
            Product = "rngd",
            Index = index,
            PciAddress = new PciAddress(1, (byte)index, 0, 0),
            Uuid = $"RNGD-{index}",
            NumaNode = numaNode,
            Cores = [.. Enumerable.Range(0, 8)],
            DeviceNodes =
            [
                new($"/dev/rngd/npu{index}mgmt", DeviceNodeRole.Management),
                .. Enumerable.Range(0, 8).Select(core => (Start: core, End: core)).Concat(fused)
                    .Select(cores => new CoreRange(cores.Start, cores.End))
                    .Select(cores => new DeviceNode($"/dev/rngd/npu{index}pe{cores}", DeviceNodeRole.Core, cores)),
                new($"/dev/rngd/npu{index}ch0", DeviceNodeRole.Channel),
                new($"/dev/rngd/npu{index}dmar", DeviceNodeRole.RemoteDma),
            ],
            Health = DeviceHealth.Healthy,
        };
    }

    /// <param name="device">The card.</param>
    /// <param name="bridges">Outermost first: <c>pci0000:16/0000:16:02.0</c>.</param>
    public static NpuDevice Behind(this NpuDevice device, string bridges)
    {
        var parts = bridges.Split('/');
        return device with { PciPath = new PciPath(parts[0], [.. parts.Skip(1).Select(PciAddress.Parse)]) };
    }

    public static NpuDevice Dead(this NpuDevice device) =>
        device with { Health = new DeviceHealth(HealthState.Unhealthy, "alive is 0, and 1 while the card is alive") };

    public static NodeSnapshot Node(params ReadOnlySpan<NpuDevice> devices) =>
        new(EquatableArray.Create(devices), new Machine(null, null), []);

    /// <summary>The units of healthy cards, in that order.</summary>
    public static IReadOnlyList<ListedUnit> Units(DefaultPe defaultPe, params IReadOnlyList<NpuDevice> devices) =>
    [
        .. devices.SelectMany(device => UnitFactory.Create(device, device.Uuid!, defaultPe)).Select(unit =>
            new ListedUnit(unit, PluginDeviceState.Healthy, null, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))),
    ];
}
