using System.Globalization;
using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>Times as Go's <c>time.Parse(time.RFC3339, ...)</c> takes them, which allows an hour of one digit and a comma.</summary>
internal static partial class Rfc3339
{
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        if (Time().Match(text) is not { Success: true } match)
            return false;

        var hours = Number(match.Groups["zoneHour"]);
        var minutes = Number(match.Groups["zoneMinute"]);
        var isDate = DateTime.TryParseExact(
            $"{match.Groups["date"].Value} {Number(match.Groups["hour"]):00}:{match.Groups["rest"].Value}", "yyyy-MM-dd HH:mm:ss",
            CultureInfo.InvariantCulture, DateTimeStyles.None, out var local);
        if (!isDate || hours > 24 || minutes > 60)
            return false;

        var ticks = local.Ticks + FractionTicks(match.Groups["fraction"].ValueSpan);
        var offset = new TimeSpan(hours, minutes, 0).Ticks;
        var utc = match.Groups["sign"].ValueSpan is "-" ? ticks + offset : ticks - offset;
        time = new DateTimeOffset(Math.Clamp(utc, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), TimeSpan.Zero);
        return true;
    }

    private static int Number(Group group) =>
        group.Success ? int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    private static long FractionTicks(ReadOnlySpan<char> digits)
    {
        var ticks = 0L;
        for (var (unit, index) = (TimeSpan.TicksPerSecond / 10, 0); unit > 0 && index < digits.Length; unit /= 10, index++)
            ticks += (digits[index] - '0') * unit;

        return ticks;
    }

    [GeneratedRegex(
        @"\A(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?<hour>[0-9]{1,2}):(?<rest>[0-9]{2}:[0-9]{2})([.,](?<fraction>[0-9]+))?"
        + @"(Z|(?<sign>[-+])(?<zoneHour>[0-9]{2}):(?<zoneMinute>[0-9]{2}))\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Time();
}
