using System.Globalization;

namespace NpuFeatureDiscovery.Cli;

/// <summary>A span of time on the command line: a number of seconds, or a number with s, m or h behind it.</summary>
internal static class Duration
{
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var (digits, secondsPerUnit) = text switch
        {
            [.. var number, 's'] => (number, 1),
            [.. var number, 'm'] => (number, 60),
            [.. var number, 'h'] => (number, 3600),
            _ => (text, 1),
        };
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count > int.MaxValue / secondsPerUnit)
            return false;

        value = TimeSpan.FromSeconds((long)count * secondsPerUnit);
        return true;
    }
}
