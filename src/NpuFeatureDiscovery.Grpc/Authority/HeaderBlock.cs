using System.Buffers;

namespace NpuFeatureDiscovery.Grpc.Authority;

/// <summary>
/// A header block in HPACK (RFC 7541), of which no more is understood than where a field ends and which one is
/// <c>:authority</c>.
/// </summary>
/// <remarks>
/// A literal whose value is emptied stays the same kind of literal, so that both sides count the same table entries; an
/// entry that is smaller than the client thinks is evicted no earlier than it thinks. Of the dynamic table no more is
/// needed than which entries have that name, and nothing of the Huffman code.
/// </remarks>
internal static class HeaderBlock
{
    /// <summary>RFC 7541, appendix A.</summary>
    private const int StaticAuthority = 1;

    /// <summary>The pattern of a literal that enters the dynamic table: RFC 7541, section 6.2.1.</summary>
    private const int Incremental = 0x40;

    private static ReadOnlySpan<byte> Name => ":authority"u8;

    /// <summary>':authority' by the code of RFC 7541, appendix B, which has one form for every text.</summary>
    private static ReadOnlySpan<byte> HuffmanName => [0xb8, 0x3b, 0x53, 0x39, 0xec, 0x32, 0x7d, 0x7f];

    /// <summary>Writes the block with an empty authority.</summary>
    /// <returns>
    /// <see langword="false"/> where it is malformed; what was written then means nothing, and the connection is over.
    /// </returns>
    public static bool TryEmptyAuthority(ReadOnlySpan<byte> block, DynamicTable table, IBufferWriter<byte> output)
    {
        while (!block.IsEmpty)
        {
            var (prefix, isLiteral) = KindOf(block[0]);
            if (!TryReadInteger(block, prefix, out var index, out var end))
                return false;

            if (!isLiteral)
            {
                output.Write(block[..end]);
                block = block[end..];
                continue;
            }

            var isAuthority = index == StaticAuthority || table.IsAuthority(index);
            if (index == 0)
            {
                if (!TryReadString(block[end..], out var name, out var isHuffman, out var nameEnd))
                    return false;

                isAuthority = name.SequenceEqual(isHuffman ? HuffmanName : Name);
                end += nameEnd;
            }

            if (!TryReadString(block[end..], out _, out _, out var valueEnd))
                return false;

            output.Write(isAuthority ? block[..end] : block[..(end + valueEnd)]);
            if (isAuthority)
                output.Write("\0"u8);

            if (block[0] >= Incremental)
                table.Add(isAuthority);

            block = block[(end + valueEnd)..];
        }

        return true;
    }

    /// <summary>
    /// RFC 7541, section 6: how many bits of the first byte belong to the number, and whether a literal follows.
    /// </summary>
    private static (int Prefix, bool IsLiteral) KindOf(byte first) => first switch
    {
        >= 0x80 => (7, false), // an indexed field
        >= Incremental => (6, true), // a literal that enters the table
        >= 0x20 => (5, false), // a new size of the table
        _ => (4, true), // a literal that does not, or never
    };

    /// <summary>RFC 7541, section 5.1.</summary>
    private static bool TryReadInteger(ReadOnlySpan<byte> source, int prefix, out int value, out int length)
    {
        value = 0;
        length = 1;
        if (source.IsEmpty)
            return false;

        var mask = (1 << prefix) - 1;
        value = source[0] & mask;
        if (value < mask)
            return true;

        // Three more bytes reach two millions, beyond any block that is taken.
        for (var shift = 0; shift <= 14; shift += 7)
        {
            if (length >= source.Length)
                return false;

            var next = source[length++];
            value += (next & 0x7f) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }

    /// <summary>RFC 7541, section 5.2.</summary>
    private static bool TryReadString(
        ReadOnlySpan<byte> source, out ReadOnlySpan<byte> text, out bool isHuffman, out int length)
    {
        text = default;
        isHuffman = !source.IsEmpty && source[0] >= 0x80;
        if (!TryReadInteger(source, 7, out var size, out length) || size > source.Length - length)
            return false;

        text = source.Slice(length, size);
        length += size;
        return true;
    }
}
