using System.Buffers;

namespace NpuFeatureDiscovery.Grpc.Authority;

/// <summary>
/// Passes on what a client of HTTP/2 sends, in pieces of any size, and empties the authority in its header blocks.
/// Blocks are held back until they are whole; anything that is not as it should be is passed on as it came, so that the
/// server answers it.
/// </summary>
internal sealed class AuthorityRewriter
{
    /// <summary>Of a block in frames: four times what Kestrel takes by default once it is unpacked.</summary>
    private const int MaxHeld = 128 * 1024;

    private readonly byte[] _header = new byte[FrameHeader.Size];
    private readonly ArrayBufferWriter<byte> _held = new();
    private readonly DynamicTable _table = new();
    private State _state = State.Preface;
    private int _seen;
    private FrameHeader _frame;
    private int _remaining;

    private enum State
    {
        Preface,
        Header,
        Payload,
        HeldPayload,
        PassAll,
    }

    /// <summary>RFC 9113, section 3.4.</summary>
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public void Process(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        while (!input.IsEmpty)
        {
            var taken = _state switch
            {
                State.Preface => TakePreface(input, output),
                State.Header => TakeHeader(input, output),
                State.Payload => TakePayload(input, output, output),
                State.HeldPayload => TakePayload(input, _held, output),
                _ => Pass(input, output),
            };
            input = input[taken..];
        }
    }

    private static int Pass(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        output.Write(input);
        return input.Length;
    }

    private int TakePreface(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var expected = Preface[_seen..];
        var taken = Math.Min(expected.Length, input.Length);
        output.Write(input[..taken]);
        if (!input[..taken].SequenceEqual(expected[..taken]))
            _state = State.PassAll;
        else if ((_seen += taken) == Preface.Length)
            (_state, _seen) = (State.Header, 0);

        return taken;
    }

    private int TakeHeader(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var taken = Math.Min(FrameHeader.Size - _seen, input.Length);
        input[..taken].CopyTo(_header.AsSpan(_seen));
        _seen += taken;
        if (_seen < FrameHeader.Size)
            return taken;

        var last = _frame;
        _frame = FrameHeader.Read(_header);
        (_seen, _remaining) = (0, _frame.Length);
        if (_held.WrittenCount > 0 && !Continues(last))
        {
            output.Write(_held.WrittenSpan);
            output.Write(_header);
            _state = State.PassAll;
        }
        else if (_held.WrittenCount > 0
            || (_frame.Type == FrameHeader.Headers && _frame.Length <= HeldBlock.MaxFrameLength))
        {
            _held.Write(_header);
            _state = State.HeldPayload;
        }
        else
        {
            output.Write(_header);
            _state = State.Payload;
        }

        EndFrame(output);
        return taken;
    }

    /// <summary>RFC 9113, section 6.10: nothing may come between the frames of a block.</summary>
    private bool Continues(FrameHeader last) =>
        _frame.Type == FrameHeader.Continuation && _frame.StreamId == last.StreamId
        && _frame.Length <= HeldBlock.MaxFrameLength
        && _held.WrittenCount + FrameHeader.Size + _frame.Length <= MaxHeld;

    private int TakePayload(ReadOnlySpan<byte> input, IBufferWriter<byte> target, IBufferWriter<byte> output)
    {
        var taken = Math.Min(_remaining, input.Length);
        target.Write(input[..taken]);
        _remaining -= taken;
        EndFrame(output);
        return taken;
    }

    private void EndFrame(IBufferWriter<byte> output)
    {
        if (_remaining > 0 || _state == State.PassAll)
            return;

        if (_state == State.HeldPayload && _frame.Has(FrameHeader.EndHeaders))
        {
            HeldBlock.WriteWithoutAuthority(_held.WrittenSpan, _table, output);
            _held.ResetWrittenCount();
        }

        _state = State.Header;
    }
}
