using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Grpc.Tests.Messages;

namespace NpuFeatureDiscovery.Grpc.Tests.Interop;

/// <summary>What every make of gRPC shall see of ours, and ours of every make.</summary>
[CancelAfter(60_000)]
public abstract class PeerTests : IDisposable
{
    private const string Wrong = "100 % wrong:\n안녕";
    private readonly Peer _peer;
    private readonly TaskCompletionSource _streamEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected PeerTests(Peer peer) => _peer = peer;

    public void Dispose()
    {
        _peer.Dispose();
        GC.SuppressFinalize(this);
    }

    [Test]
    public async Task Its_client_sees_of_our_server_what_it_sees_of_any(CancellationToken token)
    {
        await _peer.RequireAsync(token);
        await using var server = await new EchoServer()
            .AnswerOnce(AnswerAsync).AnswerStream((_, context) => Stream(context)).StartAsync(token);

        var output = await _peer.StartAsync("client", $"unix:{server.SocketPath}", token);

        Assert.That(await output.ReadToEndAsync(token), Is.EqualTo($"""
            안녕
            10000
            INVALID_ARGUMENT {Wrong}
            UNKNOWN
            DEADLINE_EXCEEDED
            RESOURCE_EXHAUSTED
            UNIMPLEMENTED
            UNIMPLEMENTED There is no method '/test.Echo/Missing'.
            INTERNAL
            first second
            CANCELLED

            """));
        await _streamEnded.Task.WaitAsync(token);
        Assert.That(server.Log.Messages(LogLevel.Error), Is.EqualTo(["/test.Echo/Once failed"]));
    }

    [Test]
    public async Task Our_client_sees_of_its_server_what_it_sees_of_ours(CancellationToken token)
    {
        await _peer.RequireAsync(token);
        var output = await _peer.StartAsync("serve", $"unix:{_peer.SocketPath}", token);
        Assert.That(await output.ReadLineAsync(token), Is.EqualTo("ready"));
        using var channel = new GrpcChannel(_peer.SocketPath, TimeProvider.System);

        Assert.That((await CallAsync("안녕")).Items.Single().Value, Is.EqualTo("안녕"));
        Assert.That((await CallAsync("many")).Items, Has.Count.EqualTo(10_000));
        await CallAsync("fail").ExpectAsync(GrpcStatusCode.InvalidArgument, Is.EqualTo(Wrong));
        await CallAsync("crash").ExpectAsync(GrpcStatusCode.Unknown, Is.Not.Empty);
        await CallAsync("hang", TimeSpan.FromSeconds(0.2)).ExpectAsync(GrpcStatusCode.DeadlineExceeded, Is.Not.Empty);
        await CallAsync(new string('x', 5_000_000)).ExpectAsync(GrpcStatusCode.ResourceExhausted, Is.Not.Empty);
        await channel.UnaryAsync("/test.Echo/Missing", new Text(), Text.Parser, null, token)
            .ExpectAsync(GrpcStatusCode.Unimplemented, Is.Not.Empty);
        await channel.UnaryAsync("/test.Echo/Malformed", new Text(), Text.Parser, null, token)
            .ExpectAsync(GrpcStatusCode.Internal, Does.StartWith("A message is not a Text"));
        var texts = new List<string>();
        await foreach (var text in channel.ServerStreamingAsync(EchoServer.Stream, new Text(), Text.Parser, null, token))
        {
            texts.Add(text.Value);
            if (texts.Count == 2)
                break;
        }

        Assert.That(texts, Is.EqualTo(["first", "second"]));
        Assert.That(await output.ReadLineAsync(token), Is.EqualTo("stream ended"));

        Task<Texts> CallAsync(string value, TimeSpan? timeout = null) =>
            channel.UnaryAsync(EchoServer.Once, new Text { Value = value }, Texts.Parser, timeout, token);
    }

    private static async Task<Texts> AnswerAsync(Text request, GrpcCallContext context)
    {
        if (request.Value == "fail")
            throw new GrpcException(GrpcStatusCode.InvalidArgument, Wrong);

        if (request.Value == "crash")
            throw new InvalidOperationException("A handler that has a fault.");

        if (request.Value == "hang")
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);

        return new Texts { Items = { Enumerable.Repeat(request, request.Value == "many" ? 10_000 : 1) } };
    }

    private async IAsyncEnumerable<Text> Stream(GrpcCallContext context)
    {
        try
        {
            yield return new Text { Value = "first" };
            yield return new Text { Value = "second" };
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        }
        finally
        {
            _streamEnded.TrySetResult();
        }
    }
}
