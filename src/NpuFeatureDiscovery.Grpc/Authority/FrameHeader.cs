using System.Buffers;
using System.Buffers.Binary;

namespace NpuFeatureDiscovery.Grpc.Authority;

/// <summary>The nine bytes before every frame of HTTP/2: RFC 9113, section 4.1.</summary>
internal readonly record struct FrameHeader(int Length, byte Type, byte Flags, int StreamId)
{
    public const int Size = 9;
    public const byte Headers = 0x1;
    public const byte Continuation = 0x9;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;
    public const byte Priority = 0x20;

    public static FrameHeader Read(ReadOnlySpan<byte> source) => new(
        source[0] << 16 | source[1] << 8 | source[2], source[3], source[4],
        BinaryPrimitives.ReadInt32BigEndian(source[5..]) & int.MaxValue);

    public bool Has(byte flag) => (Flags & flag) != 0;

    public void Write(IBufferWriter<byte> output)
    {
        var target = output.GetSpan(Size);
        target[0] = (byte)(Length >> 16);
        target[1] = (byte)(Length >> 8);
        target[2] = (byte)Length;
        target[3] = Type;
        target[4] = Flags;
        BinaryPrimitives.WriteInt32BigEndian(target[5..], StreamId);
        output.Advance(Size);
    }
}
