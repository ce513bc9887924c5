namespace NpuFeatureDiscovery.Labels;

/// <summary>Makes legal label values of texts from firmware.</summary>
internal static class LabelValue
{
    /// <summary>
    /// Every run of characters that a value may not hold becomes one '-'; then both ends are trimmed to a letter or digit,
    /// then it is cut to 63, then trimmed again, since the cut can bare a '-'.
    /// </summary>
    /// <returns>An empty text where nothing legal is left.</returns>
    public static string Sanitise(string text)
    {
        var mapped = new char[text.Length];
        var length = 0;
        var inRun = false;
        foreach (var character in text)
        {
            var isLegal = char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.';
            if (isLegal || !inRun)
                mapped[length++] = isLegal ? character : '-';

            inRun = !isLegal;
        }

        var trimmed = TrimEnds(mapped.AsSpan(0, length));
        return trimmed.Length <= Label.MaxLength ? trimmed.ToString() : TrimEnds(trimmed[..Label.MaxLength]).ToString();
    }

    private static ReadOnlySpan<char> TrimEnds(ReadOnlySpan<char> text) => text.Trim("-_.");
}
