namespace NpuFeatureDiscovery.Devices;

/// <summary>One NPU card, as its driver describes it in sysfs and <c>/dev</c>.</summary>
/// <remarks>Family and index together identify a card: a Warboy and an RNGD with the same index can stand in one host.</remarks>
public sealed record NpuDevice
{
    /// <summary>The card's architecture.</summary>
    public required NpuFamily Family { get; init; }

    /// <summary>What the card is made of.</summary>
    public required NpuPlatform Platform { get; init; }

    /// <summary>The device type with its revision: <c>warboy</c>, <c>warboyB0</c>, <c>rngd</c>, <c>u250</c>.</summary>
    public required string Product { get; init; }

    /// <summary>The driver's number of the card, 0 to 255.</summary>
    public required int Index { get; init; }

    /// <summary>The driver's name of the card: <c>npu0</c>.</summary>
    public string Name => $"npu{Index}";

    /// <summary>Where the card sits on the PCI bus (<c>busname</c>).</summary>
    public required PciAddress PciAddress { get; init; }

    /// <summary>
    /// The bridges that the card hangs on, by the link <c>/sys/bus/pci/devices/</c><see cref="PciAddress"/>; <see langword="null"/> where
    /// there is none, as in a tree without links, or it is not understood.
    /// </summary>
    public PciPath? PciPath { get; init; }

    /// <summary><c>device_uuid</c>; <see langword="null"/> where the driver has none or an empty one.</summary>
    public string? Uuid { get; init; }

    /// <summary><c>device_sn</c>; <see langword="null"/> where the driver has none or an empty one.</summary>
    public string? Serial { get; init; }

    /// <summary>The driver's version (<c>version</c>); <see langword="null"/> where it is absent or not understood.</summary>
    public NpuVersion? DriverVersion { get; init; }

    /// <summary>The firmware's version (<c>fw_version</c>); <see langword="null"/> where it is absent or not understood.</summary>
    public NpuVersion? FirmwareVersion { get; init; }

    /// <summary>The NUMA node of the PCI slot; <see langword="null"/> where the kernel knows none (<c>-1</c>).</summary>
    public int? NumaNode { get; init; }

    /// <summary>The management node's device number (<c>dev</c>), which furiosactl shows as <c>PCI-DEV</c>.</summary>
    public DeviceNumber? CharDevice { get; init; }

    /// <summary>The cores that the device nodes name, ascending.</summary>
    public EquatableArray<int> Cores { get; init; } = [];

    /// <summary>The card's nodes in <c>/dev</c>: by role, then the wider core range last, then by number.</summary>
    public EquatableArray<DeviceNode> DeviceNodes { get; init; } = [];

    /// <summary>Whether the card works, and if not, why.</summary>
    public required DeviceHealth Health { get; init; }
}
