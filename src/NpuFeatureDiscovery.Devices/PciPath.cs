using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace NpuFeatureDiscovery.Devices;

/// <summary>
/// The way from the host to a card on the PCI bus. The more of it two cards share, the nearer they are to each other.
/// </summary>
/// <param name="HostBridge">Where the host's own bus begins, as sysfs names it: <c>pci0000:16</c>.</param>
/// <param name="Bridges">
/// The bridges between that and the card, outermost first: a root port, then for each PCIe switch its upstream and its
/// downstream port. Empty where the card is on the host's own bus.
/// </param>
public sealed record PciPath(string HostBridge, EquatableArray<PciAddress> Bridges)
{
    /// <summary>As in sysfs: <c>pci0000:16/0000:16:02.0</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(HostBridge);
        foreach (var bridge in Bridges)
            text.Append('/').Append(bridge);

        return text.ToString();
    }

    /// <summary>
    /// Reads the folder of a card below <c>/sys/devices</c>, such as <c>pci0000:16/0000:16:02.0/0000:17:00.0</c>.
    /// </summary>
    internal static bool TryParse(string folder, PciAddress card, [NotNullWhen(true)] out PciPath? path)
    {
        path = null;
        // A host bridge may hang on something else (ACPI0004:00/VMBUS:00/..., platform/...), and another on a device (Intel's VMD).
        var parts = folder.Split('/').SkipWhile(part => !IsHostBridge(part)).ToArray();
        if (parts.Length < 2 || parts[^1] != $"{card}")
            return false;

        var bridges = new List<PciAddress>();
        foreach (var part in parts.AsSpan(1, parts.Length - 2))
        {
            if (PciAddress.TryParse(part, out var bridge))
                bridges.Add(bridge);
            else if (!IsHostBridge(part))
                return false;
        }

        path = new PciPath(parts[0], [.. bridges]);
        return true;
    }

    private static bool IsHostBridge(string part) =>
        part.StartsWith("pci", StringComparison.Ordinal) && PciAddress.TryParse($"{part.AsSpan(3)}:00.0", out _);
}
