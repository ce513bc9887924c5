using System.Globalization;
using System.Text;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>The text of an NFD feature file: a directive with the time of expiry, and a <c>key=value</c> line for each label.</summary>
/// <param name="Expiry">From when on NFD 0.14 and later ignore the labels; null for never.</param>
/// <param name="Labels">The lines of the labels.</param>
internal readonly record struct FeatureFileText(DateTimeOffset? Expiry, string Labels)
{
    /// <summary>
    /// The directive covers the lines below it, so it is the first: https://kubernetes-sigs.github.io/node-feature-discovery/stable/usage/customization-guide.html#input-format.
    /// </summary>
    private const string Directive = "# +expiry-time=";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static string Render(LabelSet labels)
    {
        var text = new StringBuilder();
        foreach (var label in labels.Labels)
            text.Append(label.Key).Append('=').Append(label.Value).Append('\n');

        return text.ToString();
    }

    /// <summary>Reads a file that this project wrote; of any other text, what it takes for a directive and the rest.</summary>
    public static FeatureFileText Parse(string text)
    {
        if (!text.StartsWith(Directive, StringComparison.Ordinal))
            return new FeatureFileText(null, text);

        var end = text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var lineFeed ? lineFeed : text.Length;
        var isTime = DateTimeOffset.TryParseExact(
            text.AsSpan(Directive.Length..end), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiry);
        return new FeatureFileText(isTime ? expiry : null, isTime ? text[Math.Min(end + 1, text.Length)..] : text);
    }

    /// <summary>The lines of the labels, without comments.</summary>
    public IReadOnlyList<string> Lines() => [.. Labels.Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

    public override string ToString() => Expiry is { } expiry
        ? Directive + expiry.ToString(TimeFormat, CultureInfo.InvariantCulture) + '\n' + Labels
        : Labels;
}
