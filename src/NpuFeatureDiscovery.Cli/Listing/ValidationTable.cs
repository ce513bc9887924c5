using System.Globalization;
using System.Text;
using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>What becomes of feature files, for people: a table for each that is read, and a last line that sums up.</summary>
internal static class ValidationTable
{
    private static readonly TableColumn[] Columns = [new("Line", IsNumber: true), new("Outcome"), new("Label"), new("Why")];

    public static string Draw(NfdVersion version, IReadOnlyCollection<ValidatedFile> files)
    {
        var text = new StringBuilder();
        foreach (var (path, file) in files)
        {
            text.Append(PrintableText.Of($"{path}: {DeviceDocument.NameOf(file.State)}"));
            text.Append(file.Reason is { } reason ? $". {PrintableText.Of(reason)}\n" : "\n");
            if (file.State == NfdFileState.Read)
                text.Append(TextTable.Draw(
                    Columns, [.. file.Lines.Where(line => line.Outcome != NfdOutcome.Blank || line.Reason is not null).Select(Cells)]));
        }

        var labels = files.Sum(file => file.File.Labels.Count());
        var lost = files.Sum(file => file.Lost);
        return text.Append(CultureInfo.InvariantCulture, $"NFD {version}: {labels} labels, {lost} lost.\n").ToString();
    }

    private static string?[] Cells(NfdLine line) =>
    [
        line.Number.ToString(CultureInfo.InvariantCulture),
        DeviceDocument.NameOf(line.Outcome),
        line.Outcome is NfdOutcome.Label ? $"{line.Key}={line.Value}" : line.Text,
        line.Reason ?? "",
    ];
}
