using System.Globalization;
using System.Text;
using NpuFeatureDiscovery.Cli.Doctor;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>What <c>doctor</c> found, for people: a line each with why and what to do below it, and a last line that counts.</summary>
internal static class DoctorText
{
    private const int Width = 100;
    private const int LevelWidth = 9;
    private const int CheckWidth = 18;

    public static string Draw(DoctorReport report, bool isColoured)
    {
        var text = new StringBuilder();
        foreach (var finding in report.Findings)
        {
            var level = Name(finding.Level).PadRight(LevelWidth);
            text.Append(isColoured ? $"{Colour(finding.Level)}{level}\e[0m" : level);
            text.Append(finding.Check.PadRight(CheckWidth - 1)).Append(' ');
            Append(text, finding.What, indent: 0);
            Append(text, finding.Why, indent: 2);
            Append(text, finding.Remedy is { } remedy ? $"-> {remedy}" : null, indent: 2);
        }

        text.Append(CultureInfo.InvariantCulture, $"{Count(report, FindingLevel.Problem, "problem")}, ");
        text.Append(CultureInfo.InvariantCulture, $"{Count(report, FindingLevel.Warning, "warning")}, {report.Count(FindingLevel.Ok)} OK.\n");
        return text.ToString();
    }

    private static string Name(FindingLevel level) => level == FindingLevel.Ok ? "OK" : DeviceDocument.NameOf(level);

    private static string Colour(FindingLevel level) => level switch
    {
        FindingLevel.Ok => "\e[32m",
        FindingLevel.Warning => "\e[33m",
        _ => "\e[1;31m",
    };

    private static string Count(DoctorReport report, FindingLevel level, string name)
    {
        var count = report.Count(level);
        return count == 1 ? $"1 {name}" : $"{count} {name}s";
    }

    /// <summary>Wraps at blanks: paths and commands are copied from here, so a longer word stays whole.</summary>
    private static void Append(StringBuilder text, string? sentence, int indent)
    {
        if (sentence is null)
            return;

        var isFirst = indent == 0;
        var begin = LevelWidth + CheckWidth + indent;
        var column = begin;
        if (!isFirst)
            text.Append(' ', begin);

        foreach (var word in PrintableText.Of(sentence).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > begin && column + 1 + word.Length > Width)
            {
                text.Append('\n').Append(' ', begin);
                column = begin;
            }

            if (column > begin)
                text.Append(' ');

            column += word.Length + (column > begin ? 1 : 0);
            text.Append(word);
        }

        text.Append('\n');
    }
}
