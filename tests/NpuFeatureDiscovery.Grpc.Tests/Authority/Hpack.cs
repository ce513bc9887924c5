using System.Text;

namespace NpuFeatureDiscovery.Grpc.Tests.Authority;

/// <summary>Writes header blocks by hand: RFC 7541.</summary>
internal static class Hpack
{
    public const int Incremental = 0x40;
    public const int WithoutIndexing = 0x00;
    public const int NeverIndexed = 0x10;

    /// <summary>
    /// The code of RFC 7541, appendix B, as far as the tests need it: by length, from a first value on.
    /// </summary>
    private static readonly (int Bits, int First, string Characters)[] Code =
    [
        (5, 0x00, "012aceiost"), (6, 0x14, " %-./3456789=A_bdfghlmnpru"),
        (7, 0x5c, ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"),
    ];

    /// <summary>The pseudo-headers of a call but for the authority, and those that gRPC asks for.</summary>
    public static byte[] Request(byte[] authority, byte[]? extra = null) =>
        [0x83, 0x86, .. Field(WithoutIndexing, 4, EchoServer.Once), .. authority, .. Rest, .. extra ?? []];

    /// <summary>A literal whose name is given by its index.</summary>
    public static byte[] Field(int kind, int index, string value, bool huffman = false) =>
        [.. Integer(kind, kind == Incremental ? 6 : 4, index), .. Text(value, huffman)];

    /// <summary>A literal whose name is a literal as well.</summary>
    public static byte[] Field(int kind, string name, string value, bool huffman = false) =>
        [(byte)kind, .. Text(name, huffman), .. Text(value, huffman)];

    /// <summary>A field out of the table.</summary>
    public static byte[] Indexed(int index) => Integer(0x80, 7, index);

    private static byte[] Rest => [.. Field(WithoutIndexing, 31, "application/grpc"), .. Field(WithoutIndexing, "te", "trailers")];

    private static byte[] Text(string text, bool huffman)
    {
        var octets = huffman ? Huffman(text) : Encoding.UTF8.GetBytes(text);
        return [.. Integer(huffman ? 0x80 : 0, 7, octets.Length), .. octets];
    }

    public static byte[] Integer(int pattern, int prefix, int value)
    {
        var mask = (1 << prefix) - 1;
        if (value < mask)
            return [(byte)(pattern | value)];

        var octets = new List<byte> { (byte)(pattern | mask) };
        for (value -= mask; value >= 0x80; value >>= 7)
            octets.Add((byte)(value | 0x80));

        return [.. octets, (byte)value];
    }

    private static byte[] Huffman(string text)
    {
        var bits = string.Concat(text.Select(character =>
        {
            var (length, first, characters) = Code.First(row => row.Characters.Contains(character, StringComparison.Ordinal));
            var code = first + characters.IndexOf(character, StringComparison.Ordinal);
            return Convert.ToString(code, 2).PadLeft(length, '0');
        }));
        bits = bits.PadRight((bits.Length + 7) / 8 * 8, '1');
        return [.. bits.Chunk(8).Select(octet => Convert.ToByte(new string(octet), 2))];
    }
}
