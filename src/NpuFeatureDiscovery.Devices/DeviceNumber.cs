using System.Globalization;

namespace NpuFeatureDiscovery.Devices;

/// <summary>A character device's number, <c>major:minor</c>.</summary>
/// <param name="Major">The driver's number.</param>
/// <param name="Minor">The driver's own count.</param>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>Reads the form of sysfs' <c>dev</c> files, such as <c>234:0</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DeviceNumber number)
    {
        number = default;
        var colon = text.IndexOf(':');
        if (colon < 0 || !TryDecimal(text[..colon], out var major) || !TryDecimal(text[(colon + 1)..], out var minor))
            return false;

        number = new DeviceNumber(major, minor);
        return true;
    }

    /// <summary>The form of sysfs.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}:{Minor}");

    private static bool TryDecimal(ReadOnlySpan<char> text, out uint value) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
