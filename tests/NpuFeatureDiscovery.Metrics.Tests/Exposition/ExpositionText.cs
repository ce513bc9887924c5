using System.Globalization;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Tests.Exposition;

/// <summary>What a reader finds in a text, one line an item; written from the formats' grammars, not from the writers.</summary>
internal sealed class ExpositionText(string text, bool isOpenMetrics)
{
    private int _at;

    /// <summary>Heads as <c>type name counter</c>, and samples with their labels' plain text.</summary>
    public static List<string> Read(string text, bool isOpenMetrics) => [.. new ExpositionText(text, isOpenMetrics).Lines()];

    public static List<string> Expected(IEnumerable<MetricFamily> families, bool isOpenMetrics)
    {
        var lines = new List<string>();
        foreach (var family in families)
        {
            var name = isOpenMetrics && family.Type == MetricType.Counter ? family.Name[..^6] : family.Name;
            lines.Add($"TYPE|{name}|{family.Type.ToString().ToLowerInvariant()}");
            if (family.Help.Length > 0)
                lines.Insert(isOpenMetrics ? lines.Count : lines.Count - 1, $"HELP|{name}|{family.Help}");
            lines.AddRange(family.Samples.Select(sample => Sample(family.Name, sample.Labels.Items, sample.Value)));
            foreach (var histogram in family.Histograms)
            {
                for (var bucket = 0; bucket < histogram.Counts.Count; bucket++)
                {
                    var bound = histogram.Bounds.Append(double.PositiveInfinity).ElementAt(bucket);
                    lines.Add(Sample($"{family.Name}_bucket<={bound:R}", histogram.Labels.Items, histogram.Counts.Take(bucket + 1).Sum()));
                }

                lines.Add(Sample($"{family.Name}_count", histogram.Labels.Items, histogram.Counts.Sum()));
                lines.Add(Sample($"{family.Name}_sum", histogram.Labels.Items, histogram.Sum));
            }
        }

        return lines;
    }

    private static string Sample(string name, IEnumerable<(string Name, string Value)> labels, double value) =>
        $"{name}|{string.Join('|', labels)}|{value:R}";

    private IEnumerable<string> Lines()
    {
        while (_at < text.Length)
        {
            if (isOpenMetrics && text[_at..] == "# EOF\n")
                yield break;

            yield return text[_at] == '#' ? Head() : Sample();
        }

        Assert.That(isOpenMetrics, Is.False, "no EOF");
    }

    private string Head()
    {
        Expect("# ");
        var kind = Until(' ');
        var name = Until(' ');
        var rest = Text('\n', kind == "HELP" ? isOpenMetrics ? "\\n\"" : "\\n" : "");
        return $"{kind}|{name}|{rest}";
    }

    private string Sample()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_')
            _at++;
        var name = text[start.._at];
        var labels = new List<(string Name, string Value)>();
        if (text[_at] == '{')
        {
            do
            {
                _at++;
                var label = Until('=');
                Expect("\"");
                labels.Add((label, Text('"', "\\n\"")));
            }
            while (text[_at] == ',');
            Expect("}");
        }

        Expect(" ");
        if (name.EndsWith("_bucket"))
        {
            name += $"<={Number(labels[^1].Value):R}";
            labels.RemoveAt(labels.Count - 1);
        }

        return Sample(name, labels, Number(Until('\n')));
    }

    private string Text(char end, string escapes)
    {
        var plain = new System.Text.StringBuilder();
        for (; text[_at] != end; _at++)
        {
            if (text[_at] != '\\' || escapes == "")
            {
                plain.Append(text[_at]);
                continue;
            }

            _at++;
            if (!escapes.Contains(text[_at]))
                Assert.Fail($"escape {text[_at]}");
            plain.Append(text[_at] == 'n' ? '\n' : text[_at]);
        }

        _at++;
        return plain.ToString();
    }

    private string Until(char end)
    {
        var start = _at;
        _at = text.IndexOf(end, start) + 1;
        return text[start..(_at - 1)];
    }

    private void Expect(string expected)
    {
        Assert.That(text[_at..], Does.StartWith(expected));
        _at += expected.Length;
    }

    private static double Number(string number) => number switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(number, CultureInfo.InvariantCulture),
    };
}
