using System.Buffers;

namespace NpuFeatureDiscovery.Grpc.Authority;

/// <summary>The frames of one header block, a HEADERS frame and its CONTINUATION frames, as they came.</summary>
internal static class HeldBlock
{
    /// <summary>
    /// What a server takes that has not said otherwise, as Kestrel does not: RFC 9113, section 6.5.2.
    /// </summary>
    public const int MaxFrameLength = 16 * 1024;

    private const int PriorityLength = 5;

    /// <summary>Writes the frames anew with an empty authority, or as they are where there is none to empty.</summary>
    public static void WriteWithoutAuthority(
        ReadOnlySpan<byte> frames, DynamicTable table, IBufferWriter<byte> output)
    {
        var first = FrameHeader.Read(frames);
        var block = new ArrayBufferWriter<byte>(frames.Length);
        var emptied = new ArrayBufferWriter<byte>(frames.Length);
        if (TryJoin(frames, block, out var priority)
            && HeaderBlock.TryEmptyAuthority(block.WrittenSpan, table, emptied)
            && emptied.WrittenCount != block.WrittenCount)
            Write(first, priority, emptied.WrittenSpan, output);
        else
            output.Write(frames);
    }

    /// <summary>
    /// RFC 9113, section 6.2: padding is left out, which no one misses; a frame that is all padding is an error.
    /// </summary>
    private static bool TryJoin(
        ReadOnlySpan<byte> frames, ArrayBufferWriter<byte> block, out ReadOnlySpan<byte> priority)
    {
        priority = default;
        var first = FrameHeader.Read(frames);
        var payload = frames.Slice(FrameHeader.Size, first.Length);
        frames = frames[(FrameHeader.Size + first.Length)..];
        if (first.Has(FrameHeader.Padded))
        {
            if (payload.IsEmpty || payload[0] >= payload.Length)
                return false;

            payload = payload[1..^payload[0]];
        }

        if (first.Has(FrameHeader.Priority))
        {
            if (payload.Length < PriorityLength)
                return false;

            priority = payload[..PriorityLength];
            payload = payload[PriorityLength..];
        }

        block.Write(payload);
        while (!frames.IsEmpty)
        {
            var length = FrameHeader.Read(frames).Length;
            block.Write(frames.Slice(FrameHeader.Size, length));
            frames = frames[(FrameHeader.Size + length)..];
        }

        return true;
    }

    private static void Write(
        FrameHeader first, ReadOnlySpan<byte> priority, ReadOnlySpan<byte> block, IBufferWriter<byte> output)
    {
        var flags = (byte)(first.Flags & ~(FrameHeader.Padded | FrameHeader.EndHeaders));
        var header = first with { Flags = flags };
        do
        {
            var length = Math.Min(block.Length, MaxFrameLength - priority.Length);
            header = header with { Length = priority.Length + length };
            if (length == block.Length)
                header = header with { Flags = (byte)(header.Flags | FrameHeader.EndHeaders) };

            header.Write(output);
            output.Write(priority);
            output.Write(block[..length]);
            block = block[length..];
            priority = default;
            header = new FrameHeader(0, FrameHeader.Continuation, 0, first.StreamId);
        }
        while (!block.IsEmpty);
    }
}
