namespace NpuFeatureDiscovery;

/// <summary>
/// Text from outside, such as a driver's, the kubelet's or the API server's, as a part of a line that people read. It can neither
/// begin another line, nor move a terminal's cursor, nor turn around the order in which letters are shown.
/// </summary>
internal static class PrintableText
{
    public static string Of(string text)
    {
        foreach (var letter in text)
        {
            if (IsHarmful(letter))
                return string.Create(text.Length, text, Replace);
        }

        return text;
    }

    private static void Replace(Span<char> shown, string text)
    {
        for (var index = 0; index < shown.Length; index++)
            shown[index] = text[index] is '\n' or '\t' ? ' ' : IsHarmful(text[index]) ? '?' : text[index];
    }

    /// <summary>Controls, the separators of lines and paragraphs, and what Unicode calls bidirectional formatting.</summary>
    private static bool IsHarmful(char letter) => char.IsControl(letter) || letter is '\u061c' or '\u200e' or '\u200f'
        or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
