using System.Globalization;

namespace NpuFeatureDiscovery.Devices;

/// <summary>A PCI function's place: <c>domain:bus:device.function</c>, such as <c>0000:6d:00.0</c>.</summary>
/// <param name="Domain">0 to 0xffff; a few hosts number higher.</param>
/// <param name="Bus">0 to 0xff.</param>
/// <param name="Device">0 to 0x1f.</param>
/// <param name="Function">0 to 7.</param>
public readonly record struct PciAddress(uint Domain, byte Bus, byte Device, byte Function)
{
    /// <summary>Reads the kernel's form, in either case of letters.</summary>
    /// <exception cref="FormatException">The text is not such an address.</exception>
    public static PciAddress Parse(string text) => TryParse(text, out var address)
        ? address
        : throw new FormatException($"'{text}' is not a PCI address; one looks like '0000:6d:00.0'.");

    /// <summary>Reads the kernel's form, in either case of letters.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PciAddress address)
    {
        address = default;
        var bus = text.IndexOf(':');
        if (bus is < 4 or > 8 || text.Length != bus + 8 || text[bus + 3] != ':' || text[bus + 6] != '.')
            return false;

        if (!TryHex(text[..bus], out var domain)
            || !TryHex(text.Slice(bus + 1, 2), out var busNumber)
            || !TryHex(text.Slice(bus + 4, 2), out var device) || device > 0x1f
            || !TryHex(text[(bus + 7)..], out var function) || function > 7)
            return false;

        address = new PciAddress(domain, (byte)busNumber, (byte)device, (byte)function);
        return true;
    }

    /// <summary>The kernel's form, in lower case.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Domain:x4}:{Bus:x2}:{Device:x2}.{Function:x}");

    /// <summary>The function's folder in sysfs, which is there while the card is on the bus, with or without a driver.</summary>
    internal string Folder(HostRoot root) => root.Resolve($"/sys/bus/pci/devices/{this}");

    private static bool TryHex(ReadOnlySpan<char> text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
