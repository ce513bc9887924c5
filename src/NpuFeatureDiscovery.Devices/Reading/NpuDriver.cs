namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Where a driver puts its cards, and the names that it gives them.</summary>
internal sealed record NpuDriver
{
    public static NpuDriver Warboy { get; } = new()
    {
        Family = NpuFamily.Warboy,
        ClassFolder = "/sys/class/npu_mgmt",
        NodeFolder = "/dev",
        EntryPrefix = "",
        ManagementSuffix = "_mgmt",
        HealthFile = "alive",
    };

    public static NpuDriver Rngd { get; } = new()
    {
        Family = NpuFamily.Rngd,
        ClassFolder = "/sys/class/rngd_mgmt",
        NodeFolder = "/dev/rngd",
        // sysfs writes the '/' of a device name as '!'.
        EntryPrefix = "rngd!",
        ManagementSuffix = "mgmt",
        HealthFile = "device_state",
    };

    public static IReadOnlyList<NpuDriver> All { get; } = [Warboy, Rngd];

    /// <summary>The family of a card whose device type does not tell.</summary>
    public required NpuFamily Family { get; init; }

    public required string ClassFolder { get; init; }

    public required string NodeFolder { get; init; }

    public required string EntryPrefix { get; init; }

    public required string ManagementSuffix { get; init; }

    /// <summary>The attribute that holds 1 while the card is alive.</summary>
    public required string HealthFile { get; init; }

    /// <summary>The driver of a family's cards.</summary>
    public static NpuDriver Of(NpuFamily family) => family == NpuFamily.Rngd ? Rngd : Warboy;

    /// <summary>The name of a card's management folder below <see cref="ClassFolder"/>.</summary>
    public string ManagementEntry(int index) => $"{EntryPrefix}npu{index}{ManagementSuffix}";

    /// <summary>Where a card's management folder is.</summary>
    public string ManagementFolder(HostRoot root, int index) =>
        Path.Combine(root.Resolve(ClassFolder), ManagementEntry(index));

    public bool TryParseManagementEntry(ReadOnlySpan<char> entry, out int index)
    {
        index = 0;
        // Most of the entries are cores.
        if (!entry.StartsWith(EntryPrefix) || !entry.EndsWith(ManagementSuffix)
            || !DeviceNodeName.TryParse(entry[EntryPrefix.Length..], out var name))
            return false;

        index = name.Index;
        // The other driver's suffix ends with the same letters.
        return name.Role == DeviceNodeRole.Management
            && char.IsAsciiDigit(entry[^(ManagementSuffix.Length + 1)]);
    }
}
