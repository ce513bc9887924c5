using System.Buffers;
using Google.Protobuf;
using NpuFeatureDiscovery.Grpc.Authority;
using NpuFeatureDiscovery.Grpc.Tests.Messages;

namespace NpuFeatureDiscovery.Grpc.Tests.Authority;

/// <summary>Writes frames of HTTP/2 by hand: RFC 9113.</summary>
internal static class Frames
{
    public const byte Data = 0x0;
    public const byte Headers = 0x1;
    public const byte Reset = 0x3;
    public const byte Settings = 0x4;
    public const byte GoAway = 0x7;
    public const byte Continuation = 0x9;

    public const byte EndStream = 0x1;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;
    public const byte Priority = 0x20;

    /// <summary>What a client says first.</summary>
    public static byte[] Hello => [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])];

    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new ArrayBufferWriter<byte>();
        new FrameHeader(payload.Length, type, flags, stream).Write(frame);
        frame.Write(payload);
        return frame.WrittenSpan.ToArray();
    }

    /// <summary>A call whose header block is one frame.</summary>
    public static byte[] Call(int stream, byte[] block) => [.. Frame(Headers, EndHeaders, stream, block), .. Message(stream)];

    /// <summary>A call whose header block is cut at some places.</summary>
    public static byte[] CutCall(int stream, byte[] block, params int[] cuts)
    {
        var frames = new List<byte>();
        var start = 0;
        foreach (var cut in cuts.Append(block.Length))
        {
            var flags = cut == block.Length ? EndHeaders : (byte)0;
            frames.AddRange(Frame(start == 0 ? Headers : Continuation, flags, stream, block.AsSpan(start..cut)));
            start = cut;
        }

        return [.. frames, .. Message(stream)];
    }

    /// <summary>The request, and with it the end of the client's half of the stream.</summary>
    private static byte[] Message(int stream)
    {
        var message = new Text { Value = "raw" }.ToByteArray();
        return Frame(Data, EndStream, stream, [0, 0, 0, 0, (byte)message.Length, .. message]);
    }
}
