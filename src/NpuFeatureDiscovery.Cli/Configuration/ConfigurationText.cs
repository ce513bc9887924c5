using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>The text of a configuration file, and what to say of it where it cannot be used.</summary>
internal static class ConfigurationText
{
    public const int MaxBytes = 64 * 1024;

    /// <summary>The bytes of the file, one more than allowed at most.</summary>
    public static FileContent Read(string path) => FileContent.Read(path, MaxBytes + 1);

    /// <exception cref="ConfigurationFileException">The content is no text.</exception>
    public static string Decode(string path, FileContent content)
    {
        if (content.Failure is not null)
            throw new ConfigurationFileException([$"{path}: The file cannot be read: {content.Failure}"]);

        return TryDecode(content.Bytes.AsSpan(), out var text, out var mistake) ? text : throw Refuse(path, [mistake]);
    }

    /// <summary>All mistakes of a file, in their order.</summary>
    public static ConfigurationFileException Refuse(string path, IEnumerable<FileMistake> mistakes) => new(
        [.. mistakes.OrderBy(mistake => mistake.Line).ThenBy(mistake => mistake.Column)
            .Select(mistake => $"{path}:{mistake.Line}:{mistake.Column}: {mistake.Text}")]);

    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text, [NotNullWhen(false)] out FileMistake? mistake)
    {
        var characters = new char[bytes.Length];
        var allowed = bytes[..Math.Min(bytes.Length, MaxBytes)];
        var status = Utf8.ToUtf16(allowed, characters, out var read, out var written, replaceInvalidSequences: false);
        var decoded = characters.AsSpan(0, written);
        if (decoded is ['\uFEFF', ..])
            decoded = decoded[1..];

        text = decoded.ToString();
        mistake = null;
        var strange = 0;
        while (strange < decoded.Length && IsYaml(decoded[strange]))
            strange++;

        if (strange < decoded.Length)
            mistake = FileMistake.After(
                decoded[..strange], $"Character U+{(int)decoded[strange]:X4} is not allowed in YAML: write it as an escape.");
        else if (bytes.Length > MaxBytes)
            mistake = FileMistake.After(decoded, $"The file goes on after {MaxBytes} bytes: allowed are these 64 KiB.");
        else if (status != OperationStatus.Done)
            mistake = FileMistake.After(decoded, $"Byte 0x{bytes[read]:X2} is not UTF-8: save the file as UTF-8.");

        return mistake is null;
    }

    /// <summary>https://yaml.org/spec/1.2.2/#51-character-set (a surrogate is half of a character that is in it).</summary>
    private static bool IsYaml(char character) => character
        is '\t' or '\n' or '\r' or (>= ' ' and <= '~') or '\u0085' or (>= '\u00A0' and <= '\uFFFD');
}
