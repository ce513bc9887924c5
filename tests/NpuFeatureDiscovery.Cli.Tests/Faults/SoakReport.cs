using System.Globalization;
using System.Text;
using NpuFeatureDiscovery.Cli.Tests.Chaos;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>What a process held over time: a table of quarters, and a picture.</summary>
internal sealed class SoakReport(IReadOnlyList<SoakSample> samples, string title)
{
    private const int Width = 900;
    private const int Height = 180;

    private static readonly (string Name, Func<ProcessFigures, int> Value)[] Figures =
    [
        ("RSS, kB", figures => figures.ResidentKilobytes),
        ("RssAnon, kB", figures => figures.AnonymousKilobytes),
        ("handles", figures => figures.Handles),
        ("threads", figures => figures.Threads),
    ];

    /// <summary>By how much the median of private memory in the last quarter is above that in the second.</summary>
    public int GrowthKilobytes => Quarter(3, Figures[1].Value)[1] - Quarter(1, Figures[1].Value)[1];

    public async Task SaveAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "soak")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "soak.txt"), $"{this}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "soak.svg"), Picture());
    }

    public override string ToString()
    {
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{title}, {samples[^1].Time.TotalSeconds:0} s, {samples.Count} samples: least, median, most of each quarter");
        foreach (var (name, value) in Figures)
        {
            table.Append(CultureInfo.InvariantCulture, $"{name,-12}");
            for (var quarter = 0; quarter < 4; quarter++)
                table.Append(CultureInfo.InvariantCulture, $"{string.Join(' ', Quarter(quarter, value)),26}");

            table.AppendLine();
        }

        return table.ToString().TrimEnd();
    }

    private int[] Quarter(int number, Func<ProcessFigures, int> value)
    {
        int[] values = [.. samples.Skip(samples.Count * number / 4).Take(Math.Max(1, samples.Count / 4)).Select(sample => value(sample.Figures)).Order()];
        return [values[0], values[values.Length / 2], values[^1]];
    }

    private string Picture()
    {
        var picture = new StringBuilder();
        picture.AppendLine(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height * Figures.Length}\" font-family=\"sans-serif\" font-size=\"12\">");
        for (var index = 0; index < Figures.Length; index++)
            Draw(picture, index);

        return picture.AppendLine("</svg>").ToString();
    }

    /// <summary>From zero, so that what looks flat is flat.</summary>
    private void Draw(StringBuilder picture, int index)
    {
        var (name, value) = Figures[index];
        var most = samples.Max(sample => value(sample.Figures));
        var length = samples[^1].Time.TotalSeconds;
        var points = samples.Select(sample => string.Create(CultureInfo.InvariantCulture,
            $"{sample.Time.TotalSeconds / length * Width:0.#},{(Height * (index + 1)) - (value(sample.Figures) / (double)most * (Height - 30)):0.#}"));
        picture.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"4\" y=\"{(Height * index) + 18}\">{name}: at most {most}, over {length:0} s</text>");
        picture.AppendLine(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"#15c\" points=\"{string.Join(' ', points)}\"/>");
    }
}
