using System.Text;

namespace NpuFeatureDiscovery.Testing.Fuzzing;

/// <summary>What has broken parsers before, whatever they parse.</summary>
internal static class Words
{
    public static IReadOnlyList<byte[]> Of(IEnumerable<string> special) =>
        [.. Texts.Concat(special).Select(Encoding.UTF8.GetBytes), .. Bytes];

    private static readonly string[] Texts =
    [
        "\0", "\n", "\r", "\r\n", "\t", "\u001b[2J", "\uFEFF", "\u0085", "\u2028", "\u202E", "é", "\U0001F600", "e\u0301", "０",
        " ", "=", ":", ",", ";", "/", "..", "../", "#", "%", "\\", "\"", "'", "-", "_", ".", "(", ")", "{", "}", "[", "]", "<", "&", "*",
        "0", "1", "-1", "+1", "0x7f", "1e9", "1e999", "NaN", "Infinity", "255", "256", "65536", "2147483647", "2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "99999999999999999999999999999999",
        "null", "true", "\\ud800", "\\u0000", "%00", "%zz", "{0}",
    ];

    /// <summary>Not UTF-8: a byte of no character, an overlong NUL, half a surrogate pair, a character that breaks off.</summary>
    private static readonly byte[][] Bytes = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98]];
}
