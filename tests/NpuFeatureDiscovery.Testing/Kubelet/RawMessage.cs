using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>Bytes that are sent in the place of a message, whether or not they are one.</summary>
internal sealed class RawMessage(ReadOnlyMemory<byte> bytes) : IMessage<RawMessage>, IBufferMessage
{
    public MessageDescriptor Descriptor => throw NotAMessage();

    public int CalculateSize() => bytes.Length;

    public void InternalWriteTo(ref WriteContext output)
    {
        // The only public way to write a byte as it is.
        foreach (var value in bytes.Span)
            output.WriteRawTag(value);
    }

    public void WriteTo(CodedOutputStream output) => throw NotAMessage();

    public void MergeFrom(CodedInputStream input) => throw NotAMessage();

    public void InternalMergeFrom(ref ParseContext input) => throw NotAMessage();

    public void MergeFrom(RawMessage message) => throw NotAMessage();

    public bool Equals(RawMessage? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => bytes.GetHashCode();

    public RawMessage Clone() => this;

    private static NotSupportedException NotAMessage() => new("Raw bytes are only written.");
}
