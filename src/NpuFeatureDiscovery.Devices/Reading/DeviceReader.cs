namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Reads one card.</summary>
internal sealed class DeviceReader(HostRoot root, NpuDriver driver, SysfsReader files, ICollection<ReadProblem> problems)
{
    /// <summary>The name of a PCI function's file.</summary>
    public const string NumaNodeFile = "numa_node";

    private const string AddressForm = "a PCI address such as 0000:6d:00.0";
    private const string VersionForm = "a version such as '1.9.2, 3def9c2'";

    /// <summary>The files of a management folder that are read of every card.</summary>
    public static IReadOnlyList<string> Attributes { get; } =
        ["platform_type", "busname", "device_type", "device_uuid", "device_sn", "version", "fw_version", "dev"];

    /// <returns>Null where the card cannot be identified; the problems say why.</returns>
    public NpuDevice? Read(int index, IEnumerable<DeviceNode> nodes)
    {
        var path = driver.ManagementFolder(root, index);
        var folder = new AttributeFolder(path, path, files, problems);
        if (folder.Value<NpuPlatform>("platform_type", TryParsePlatform, "FuriosaAI or VITIS") is not { } platform)
            return LeaveOut(folder, "platform_type");
        if (folder.Value<PciAddress>("busname", (text, out address) => PciAddress.TryParse(text, out address), AddressForm)
            is not { } pciAddress)
            return LeaveOut(folder, "busname");

        var (family, product) = DeviceType.Identify(folder, platform, driver.Family);
        var deviceNodes = EquatableArray.Create<DeviceNode>(nodes.ToArray());
        if (deviceNodes.Count == 0)
            problems.Add(new ReadProblem(
                root.Resolve(driver.NodeFolder), ReadProblemKind.Missing, $"has no device node of npu{index}"));

        return new NpuDevice
        {
            Family = family,
            Platform = platform,
            Product = product,
            Index = index,
            PciAddress = pciAddress,
            PciPath = ReadPciPath(pciAddress),
            Uuid = folder.Text("device_uuid"),
            Serial = folder.Text("device_sn"),
            DriverVersion = folder.Reference<NpuVersion>("version", NpuVersion.TryParse, VersionForm),
            FirmwareVersion = folder.Reference<NpuVersion>("fw_version", NpuVersion.TryParse, VersionForm),
            NumaNode = NumaNode(pciAddress, path),
            CharDevice = folder.Value<DeviceNumber>(
                "dev", (text, out number) => DeviceNumber.TryParse(text, out number), "a device number such as 234:0"),
            DeviceNodes = deviceNodes,
            Cores = CoresOf(deviceNodes),
            Health = Health(folder),
        };
    }

    private static NpuDevice? LeaveOut(AttributeFolder folder, string name)
    {
        folder.Report("", ReadProblemKind.DeviceLeftOut, $"is not counted as an NPU, since its {name} is not known");
        return null;
    }

    private static bool TryParsePlatform(string text, out NpuPlatform platform)
    {
        platform = text == "VITIS" ? NpuPlatform.Vitis : NpuPlatform.FuriosaAI;
        return text is "VITIS" or "FuriosaAI";
    }

    /// <summary>
    /// The text of the link alone, which is not followed: under a root it may lead nowhere, or out of it. Nor can reading it hang, as
    /// the kernel has it in memory.
    /// </summary>
    private PciPath? ReadPciPath(PciAddress address)
    {
        var link = new DirectoryInfo(address.Folder(root));
        if (link.LinkTarget is not { } target)
            return null;
        if (PciPath.TryParse(target, address, out var path))
            return path;

        problems.Add(new ReadProblem(link.FullName, ReadProblemKind.Malformed,
            $"leads to '{Excerpt.Of(target)}', which is no place on the PCI bus such as '.../pci0000:16/0000:16:02.0/{address}'"));
        return null;
    }

    /// <summary>The kernel writes -1 where it knows no node: Documentation/ABI/testing/sysfs-bus-pci, numa_node.</summary>
    private int? NumaNode(PciAddress address, string device)
    {
        var folder = new AttributeFolder(address.Folder(root), device, files, problems);
        return folder.Value<int>(NumaNodeFile, TryParseNode, "a NUMA node or -1") is >= 0 and var node ? node : null;

        static bool TryParseNode(string text, out int node) => int.TryParse(text, out node) && node >= -1;
    }

    private static EquatableArray<int> CoresOf(EquatableArray<DeviceNode> nodes)
    {
        var cores = new List<int>();
        foreach (var range in nodes.Select(node => node.Cores).OfType<CoreRange>())
        {
            for (var core = range.Start; core <= range.End; core++)
            {
                if (!cores.Contains(core))
                    cores.Add(core);
            }
        }

        cores.Sort();
        return [.. cores];
    }

    private DeviceHealth Health(AttributeFolder folder)
    {
        var name = driver.HealthFile;
        var reading = folder.Read(name);
        switch (reading)
        {
            case { State: FileState.Absent }:
                // Older drivers do not say whether a card is alive; such a card is as good as its presence.
                return DeviceHealth.Healthy;
            case { State: FileState.Unreadable }:
                return new DeviceHealth(
                    HealthState.Unknown, $"{Path.GetFileName(reading.HungPath) ?? name} cannot be read: {reading.Error}");
            case { Text: "1" }:
                return DeviceHealth.Healthy;
            case { Text: var text } when int.TryParse(text, out _):
                return new DeviceHealth(HealthState.Unhealthy, $"{name} is {text}, and 1 while the card is alive");
            default:
                folder.Report(name, ReadProblemKind.Malformed, $"holds '{Excerpt.Of(reading.Text)}', which is not 0 or 1");
                return new DeviceHealth(HealthState.Unknown, $"{name} holds '{Excerpt.Of(reading.Text)}', which is not 0 or 1");
        }
    }
}
