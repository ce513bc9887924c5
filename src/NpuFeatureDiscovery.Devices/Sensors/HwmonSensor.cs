using System.Globalization;
using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices.Sensors;

internal enum HwmonKind
{
    Temperature,
    Voltage,
    Current,
    Power,
}

/// <summary>One channel of a hwmon folder.</summary>
internal sealed record HwmonSensor(HwmonKind Kind, byte Number, string Channel, string Label, KeptFile File)
{
    /// <summary>
    /// Tells the channel that a file belongs to, if the file holds its value or its label: <c>temp1_input</c>,
    /// <c>power6_average</c>, <c>in0_label</c>.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> fileName, out HwmonKind kind, out byte number)
    {
        (kind, number) = (default, 0);
        var underscore = fileName.IndexOf('_');
        if (underscore < 0)
            return false;

        var channel = fileName[..underscore];
        var type = channel.TrimEnd("0123456789");
        HwmonKind? known = type switch
        {
            "temp" => HwmonKind.Temperature,
            "in" => HwmonKind.Voltage,
            "curr" => HwmonKind.Current,
            "power" => HwmonKind.Power,
            _ => null,
        };
        if (known is not { } found
            || !byte.TryParse(channel[type.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return false;

        kind = found;
        var item = fileName[(underscore + 1)..];
        return item is "label" || item.SequenceEqual(ValueItem(kind));
    }

    public static string ChannelName(HwmonKind kind, byte number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Type(kind)}{number}");

    /// <summary>The item of a channel that holds its value.</summary>
    public static string ValueItem(HwmonKind kind) => kind == HwmonKind.Power ? "average" : "input";

    private static string Type(HwmonKind kind) => kind switch
    {
        HwmonKind.Temperature => "temp",
        HwmonKind.Voltage => "in",
        HwmonKind.Current => "curr",
        _ => "power",
    };
}
