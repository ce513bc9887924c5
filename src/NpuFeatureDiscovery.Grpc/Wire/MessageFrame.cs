using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace NpuFeatureDiscovery.Grpc.Wire;

/// <summary>
/// A message on the wire: a byte that tells of compression, the length in four bytes, big-endian, and the message.
/// </summary>
internal static class MessageFrame
{
    public const int DefaultMaxSize = 4 * 1024 * 1024;
    private const int HeaderSize = 5;

    public static void Write(IBufferWriter<byte> writer, IMessage message)
    {
        var header = writer.GetSpan(HeaderSize);
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], message.CalculateSize());
        writer.Advance(HeaderSize);
        message.WriteTo(writer);
    }

    /// <summary>The next message, or <see langword="null"/> at the end of the stream.</summary>
    /// <exception cref="GrpcException">It is not a message that may be read; the status says why.</exception>
    public static async ValueTask<T?> ReadAsync<T>(
        PipeReader reader, MessageParser<T> parser, int maxSize, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (TryReadLength(buffer, maxSize) is { } length && buffer.Length - HeaderSize >= length)
            {
                var frame = buffer.Slice(0, HeaderSize + length);
                var message = Parse(parser, frame.Slice(HeaderSize));
                reader.AdvanceTo(frame.End);
                return message;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return buffer.IsEmpty
                    ? null
                    : throw new GrpcException(GrpcStatusCode.Internal, "The stream ends within a message.");
            }
        }
    }

    private static long? TryReadLength(ReadOnlySequence<byte> buffer, int maxSize)
    {
        if (buffer.Length < HeaderSize)
            return null;

        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        if (header[0] != 0)
        {
            throw header[0] == 1
                ? new GrpcException(
                    GrpcStatusCode.Unimplemented, "Compressed messages are not supported; send them with 'identity'.")
                : new GrpcException(
                    GrpcStatusCode.Internal, $"A message begins with {header[0]}, where 0 or 1 must stand.");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        return length <= maxSize
            ? length
            : throw new GrpcException(
                GrpcStatusCode.ResourceExhausted,
                $"A message of {length} bytes is larger than the {maxSize} that are received.");
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySequence<byte> body)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(body);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new GrpcException(
                GrpcStatusCode.Internal, $"A message is not a {typeof(T).Name}: {exception.Message}", exception);
        }
    }
}
