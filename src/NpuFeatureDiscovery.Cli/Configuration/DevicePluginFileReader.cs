using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Reads the device plugin's configuration file, or tells all its mistakes at once.</summary>
/// <param name="path">The file.</param>
/// <param name="nodeName">The node whose disabled devices count.</param>
/// <param name="validate">Says of values that are well-formed which of them are not allowed, by key, and what is.</param>
internal sealed class DevicePluginFileReader(
    string path, string nodeName, Func<DevicePluginFile, IEnumerable<(string Key, string Reason)>>? validate = null)
{
    public const int MaxBytes = 64 * 1024;

    public string Path => path;

    /// <exception cref="DevicePluginFileException">The file cannot be read or used.</exception>
    public DevicePluginFile Read() => Parse(ReadContent());

    /// <summary>The bytes of the file, one more than allowed at most.</summary>
    public FileContent ReadContent() => FileContent.Read(path, MaxBytes + 1);

    /// <exception cref="DevicePluginFileException">The content cannot be used.</exception>
    public DevicePluginFile Parse(FileContent content)
    {
        if (content.Failure is not null)
            throw new DevicePluginFileException([$"{path}: The file cannot be read: {content.Failure}"]);

        if (!TryDecode(content.Bytes.AsSpan(), out var text, out var mistake))
            throw Refuse([mistake]);

        var parser = new DevicePluginFileParser(text, nodeName);
        var file = parser.Parse();
        if (parser.Mistakes.Count == 0 && validate is not null)
            parser.Refuse(file, validate(file));

        return parser.Mistakes.Count == 0 ? file : throw Refuse(parser.Mistakes);
    }

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

    private DevicePluginFileException Refuse(IEnumerable<FileMistake> mistakes) => new(
        [.. mistakes.OrderBy(mistake => mistake.Line).ThenBy(mistake => mistake.Column)
            .Select(mistake => $"{path}:{mistake.Line}:{mistake.Column}: {mistake.Text}")]);

    /// <summary>https://yaml.org/spec/1.2.2/#51-character-set (a surrogate is half of a character that is in it).</summary>
    private static bool IsYaml(char character) => character
        is '\t' or '\n' or '\r' or (>= ' ' and <= '~') or '\u0085' or (>= '\u00A0' and <= '\uFFFD');
}
