using System.Globalization;

namespace NpuFeatureDiscovery.Devices;

/// <summary>
/// The host's PCI bus, by which a card is found that no driver shows: Documentation/ABI/testing/sysfs-bus-pci in the kernel's sources.
/// What is read here the kernel has in memory, so that no card can hang it.
/// </summary>
public static class PciBus
{
    /// <summary>FuriosaAI's PCI vendor id; a U250 FPGA has that of its own maker.</summary>
    public const int FuriosaVendor = 0x1ed2;

    /// <summary>The cards' own functions in order of their places, without the virtual ones that they make of themselves.</summary>
    /// <param name="root">The folder that is read as the host.</param>
    /// <exception cref="HostUnreadableException">The bus is not mounted, or what its entries lead to is not.</exception>
    public static IReadOnlyList<PciFunction> ReadFuriosa(HostRoot root)
    {
        var folder = root.Resolve("/sys/bus/pci/devices");
        try
        {
            // The entries are links to below /sys/devices, of which a container may have been given none.
            var entries = Directory.GetFileSystemEntries(folder);
            if (entries.Length > 0 && !Directory.Exists(root.Resolve("/sys/devices")) && !Array.Exists(entries, Directory.Exists))
                throw new HostUnreadableException(NotMounted(root, "/sys/devices"));

            Array.Sort(entries, StringComparer.Ordinal);
            return [.. entries.Select(Read).OfType<PciFunction>()];
        }
        catch (DirectoryNotFoundException exception)
        {
            // A host without a PCI bus has the folder above it all the same.
            if (Directory.Exists(root.Resolve("/sys/bus")))
                return [];

            throw new HostUnreadableException(NotMounted(root, "/sys/bus"), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostUnreadableException($"'{folder}' cannot be listed, so the PCI bus is not known: {exception.Message}", exception);
        }
    }

    /// <summary>Whether there is anything at a place, whoever made it.</summary>
    /// <param name="root">The folder that is read as the host.</param>
    /// <param name="address">The place.</param>
    public static bool Has(HostRoot root, PciAddress address) => Directory.Exists(address.Folder(root));

    private static PciFunction? Read(string folder)
    {
        // A function that is made of another says so: virtual machines are given them.
        if (!PciAddress.TryParse(Path.GetFileName(folder), out var address) || Vendor(folder) != FuriosaVendor
            || Path.Exists(Path.Combine(folder, "physfn")))
            return null;

        var driver = new DirectoryInfo(Path.Combine(folder, "driver")).LinkTarget;
        return new PciFunction(address, driver is null ? null : Path.GetFileName(driver));
    }

    private static int? Vendor(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "vendor")).AsSpan().Trim();
            return text.StartsWith("0x") && int.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)
                ? id : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A card that goes at this moment.
            return null;
        }
    }

    private static string NotMounted(HostRoot root, string folder) =>
        $"'{root.Resolve(folder)}' is missing, so the PCI bus is not known. Mount the host's {folder} there, read-only.";
}
