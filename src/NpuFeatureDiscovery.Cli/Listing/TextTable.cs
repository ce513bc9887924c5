using System.Text;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <param name="Header">Stands above the column.</param>
/// <param name="IsNumber">Whether its cells end at the right.</param>
internal sealed record TableColumn(string Header, bool IsNumber = false);

/// <summary>Draws a table with the borders that furiosactl draws.</summary>
internal static class TextTable
{
    /// <summary>Stands for what is not known.</summary>
    private const string Unknown = "-";

    public static string Draw(IReadOnlyList<TableColumn> columns, IReadOnlyList<IReadOnlyList<string?>> rows)
    {
        string[][] cells = [.. rows.Select(row => row.Select(text => text is null ? Unknown : PrintableText.Of(text)).ToArray())];
        var widths = new int[columns.Count];
        for (var index = 0; index < widths.Length; index++)
        {
            widths[index] = columns[index].Header.Length;
            foreach (var row in cells)
                widths[index] = Math.Max(widths[index], row[index].Length);
        }

        var border = $"+{string.Concat(Array.ConvertAll(widths, width => new string('-', width + 2) + "+"))}\n";

        var table = new StringBuilder(border);
        AppendRow(index => columns[index].Header.PadRight(widths[index]));
        table.Append(border);
        foreach (var row in cells)
            AppendRow(index => columns[index].IsNumber ? row[index].PadLeft(widths[index]) : row[index].PadRight(widths[index]));

        if (cells.Length > 0)
            table.Append(border);

        return table.ToString();

        void AppendRow(Func<int, string> cell)
        {
            for (var index = 0; index < columns.Count; index++)
                table.Append("| ").Append(cell(index)).Append(' ');

            table.Append("|\n");
        }
    }
}
