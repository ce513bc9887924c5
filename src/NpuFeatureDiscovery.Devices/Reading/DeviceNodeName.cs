using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>The name of a node in <c>/dev</c> or <c>/dev/rngd</c>: <c>npu&lt;index&gt;</c> and what it is for.</summary>
/// <param name="Index">The card.</param>
/// <param name="Role">What the node is for.</param>
/// <param name="Cores">The cores that the name tells.</param>
/// <param name="Number">The channel's or address register's number, else 0.</param>
internal readonly record struct DeviceNodeName(int Index, DeviceNodeRole Role, CoreRange? Cores = null, int Number = 0)
{
    /// <summary>The highest number of a card: drivers count in a byte.</summary>
    public const int MaxNumber = byte.MaxValue;

    public static bool TryParse(ReadOnlySpan<char> name, out DeviceNodeName result)
    {
        result = default;
        if (!name.StartsWith("npu") || !TryNumber(name[3..], out var index, out var rest))
            return false;

        (DeviceNodeRole Role, CoreRange? Cores, int Number)? parsed = rest switch
        {
            "" => (DeviceNodeRole.MultiCore, null, 0),
            "_mgmt" or "mgmt" => (DeviceNodeRole.Management, null, 0),
            "dmar" => (DeviceNodeRole.RemoteDma, null, 0),
            ['p', 'e', .. var cores] when TryCores(cores, out var range) => (DeviceNodeRole.Core, range, 0),
            ['c', 'h', .. var channel, 'r'] when TryOnlyNumber(channel, out var k) => (DeviceNodeRole.RemoteChannel, null, k),
            ['c', 'h', .. var channel] when TryOnlyNumber(channel, out var k) => (DeviceNodeRole.Channel, null, k),
            ['b', 'a', 'r', .. var bar] when TryOnlyNumber(bar, out var k) => (DeviceNodeRole.Bar, null, k),
            _ => null,
        };
        if (parsed is not { } found)
            return false;

        result = new DeviceNodeName(index, found.Role, found.Cores, found.Number);
        return true;
    }

    private static bool TryCores(ReadOnlySpan<char> text, [NotNullWhen(true)] out CoreRange? cores)
    {
        cores = null;
        if (!TryNumber(text, out var start, out var rest))
            return false;

        var end = start;
        if (rest is ['-', .. var last] && (!TryOnlyNumber(last, out end) || end <= start))
            return false;

        if (!rest.IsEmpty && rest[0] != '-')
            return false;

        cores = new CoreRange(start, end);
        return true;
    }

    private static bool TryOnlyNumber(ReadOnlySpan<char> text, out int number) =>
        TryNumber(text, out number, out var rest) && rest.IsEmpty;

    /// <summary>A decimal number of 0 to 255 without leading zeros, as the driver writes it.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out int number, out ReadOnlySpan<char> rest)
    {
        var length = text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length;
        rest = text[length..];
        number = 0;
        if (length is 0 or > 3 || (length > 1 && text[0] == '0'))
            return false;

        number = int.Parse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture);
        return number <= MaxNumber;
    }
}
