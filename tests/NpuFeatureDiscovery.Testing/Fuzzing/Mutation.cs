namespace NpuFeatureDiscovery.Testing.Fuzzing;

internal enum MutationKind
{
    FlipBit,
    SetByte,
    Delete,
    Duplicate,
    Repeat,
    Insert,
    Replace,
    ReplaceNumber,
    Truncate,
    Splice,
}

/// <summary>One change to an input; place, length and choice are taken modulo what there is.</summary>
internal readonly record struct Mutation(MutationKind Kind, uint Place, uint Length, uint Choice)
{
    public byte[] Apply(byte[] input, IReadOnlyList<byte[]> words, IReadOnlyList<byte[]> others, int maxSize)
    {
        var place = (int)(Place % (uint)(input.Length + 1));
        var length = (int)(Length % (uint)(input.Length - place + 1));
        var range = input.AsSpan(place, length);
        var word = words[(int)(Choice % (uint)words.Count)];
        var other = others[(int)(Choice % (uint)others.Count)];
        var result = Kind switch
        {
            MutationKind.FlipBit when place < input.Length => With(input, place, (byte)(input[place] ^ (1 << (int)(Choice % 8)))),
            MutationKind.SetByte when place < input.Length => With(input, place, (byte)Choice),
            MutationKind.Delete => (byte[])[.. input[..place], .. input[(place + length)..]],
            MutationKind.Duplicate => (byte[])[.. input[..(place + length)], .. range, .. input[(place + length)..]],
            MutationKind.Repeat => (byte[])[.. input[..place], .. Repeat(length is 0 or > 64 ? word : range, maxSize), .. input[place..]],
            MutationKind.Insert => (byte[])[.. input[..place], .. word, .. input[place..]],
            MutationKind.Replace => (byte[])[.. input[..place], .. word, .. input[(place + length)..]],
            MutationKind.ReplaceNumber => ReplaceNumber(input, place, word),
            MutationKind.Truncate => input[..place],
            MutationKind.Splice => (byte[])[.. input[..place], .. other[(int)(Length % (uint)(other.Length + 1))..]],
            _ => input,
        };
        return result.Length <= maxSize ? result : result[..maxSize];
    }

    private static byte[] With(byte[] input, int place, byte value)
    {
        byte[] changed = [.. input];
        changed[place] = value;
        return changed;
    }

    /// <summary>From twice to as often as there is room for, and mostly not so often.</summary>
    private byte[] Repeat(ReadOnlySpan<byte> range, int maxSize)
    {
        var count = Math.Min(2 << (int)(Choice / 7 % 17), Math.Max(1, maxSize / Math.Max(1, range.Length)));
        var repeated = new byte[range.Length * count];
        for (var index = 0; index < count; index++)
            range.CopyTo(repeated.AsSpan(index * range.Length));

        return repeated;
    }

    private static byte[] ReplaceNumber(byte[] input, int place, byte[] word)
    {
        var start = input.AsSpan(place).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (start < 0)
            return input;

        start += place;
        var length = input.AsSpan(start).IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return [.. input[..start], .. word, .. length < 0 ? [] : input[(start + length)..]];
    }
}
