using System.IO.Pipelines;
using System.Text;
using Google.Protobuf;
using NpuFeatureDiscovery.Grpc.Calling;
using NpuFeatureDiscovery.Grpc.Tests.Messages;
using NpuFeatureDiscovery.Grpc.Wire;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Grpc.Tests.Wire;

/// <summary>What stands in the headers and bodies of gRPC, in both directions.</summary>
public sealed class WireFuzzTests
{
    private const int MaxMessageSize = 256 * 1024;

    private static readonly FuzzTarget Headers = new("grpc-header")
    {
        Samples = [.. new[] { "99999999H", "1000000u", "5n", "application/grpc+proto; charset=utf-8", "a%20b%C3%A9%", "12" }.Select(Encoding.UTF8.GetBytes)],
        Words = ["99999999", "100000000", "H", "M", "S", "m", "u", "n", "%C3%A9", "%f", "application/grpc", "+proto"],
        Rounds = 4_000,
    };

    private static readonly FuzzTarget Bodies = new("grpc-body")
    {
        Samples =
        [
            Frame(new Texts { Items = { new Text { Value = "hello" }, new Text { Value = "é" } } }),
            [.. Frame(new Texts { Items = { new Text() } }), .. Frame(new Texts())],
        ],
        Words = ["\u0001", "\u0000\u0000\u0000\u0000\u0005", "\u0000\u007f\u007f\u007f\u007f", "\n\u0000", "\u0008\u0001", "\u000b", "\u000c"],
        MaxSize = MaxMessageSize,
        // An empty message has five bytes.
        BytesPerByte = 400,
        Rounds = 2_000,
    };

    [Test]
    public void Whatever_a_header_holds_it_has_a_meaning_or_none() => Fuzz.Check(Headers, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        if (GrpcTimeout.TryParse(text, out var timeout))
        {
            Fuzz.Require(timeout >= TimeSpan.Zero, $"{timeout}");
            Fuzz.Require(GrpcTimeout.TryParse(GrpcTimeout.Format(timeout), out var again) && again >= timeout, $"{timeout} becomes shorter.");
        }

        _ = GrpcHeaders.IsGrpc(text);
        _ = PercentEncoding.Decode(text);
        Fuzz.Require(PercentEncoding.Decode(PercentEncoding.Encode(text)) == text, "The message is another one after its way.");
        Fuzz.Require(PercentEncoding.Encode(text).All(character => character is >= ' ' and <= '~'), "It is no header.");
    });

    [Test]
    public void Whatever_a_status_says_it_is_a_success_a_failure_or_none() => Fuzz.Check(Headers, input =>
    {
        using var response = new HttpResponseMessage();
        var text = Encoding.UTF8.GetString(input);
        if (!response.Headers.TryAddWithoutValidation(GrpcHeaders.Status, text)
            || !response.Headers.TryAddWithoutValidation(GrpcHeaders.Message, text))
            return;

        try
        {
            _ = CallStatus.ThrowIfFailed(response.Headers);
        }
        catch (GrpcException)
        {
            // It is a failure.
        }
    });

    [Test]
    public void Whatever_a_body_holds_it_is_messages_or_refused_with_a_status() => Fuzz.Check(Bodies, input =>
    {
        var reader = PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(input));
        try
        {
            while (MessageFrame.ReadAsync(reader, Texts.Parser, MaxMessageSize, CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } message)
                Fuzz.Require(Texts.Parser.ParseFrom(message.ToByteArray()).Equals(message), "It reads back otherwise.");
        }
        catch (GrpcException exception)
        {
            Fuzz.Require(exception.Message.Length < 500, "The message is long.");
        }
    });

    private static byte[] Frame(IMessage message)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        MessageFrame.Write(output, message);
        return output.WrittenSpan.ToArray();
    }
}
