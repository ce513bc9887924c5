using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Grpc.Tests.Messages;

namespace NpuFeatureDiscovery.Grpc.Tests;

[CancelAfter(20_000)]
public sealed class StreamingTests
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test]
    public async Task All_messages_come_in_order_and_the_stream_ends(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerStream((_, _) => Count(1000)).StartAsync(token);
        var texts = new List<string>();

        await foreach (var text in server.CallStream(token))
            texts.Add(text.Value);

        Assert.That(texts, Is.EqualTo(Enumerable.Range(0, 1000).Select(i => $"{i}")));
    }

    [Test]
    public async Task One_message_may_go_to_several_streams_at_a_time(CancellationToken token)
    {
        var message = new Text { Value = new string('x', 1_000_000) };
        await using var server = await new EchoServer()
            .AnswerStream((_, _) => Enumerable.Repeat(message, 10).ToAsyncEnumerable()).StartAsync(token);

        var streams = await Task.WhenAll(Enumerable.Range(0, 5)
            .Select(_ => server.CallStream(token).ToListAsync(token).AsTask()));

        Assert.That(streams.SelectMany(texts => texts), Is.EqualTo(Enumerable.Repeat(message, 50)));
    }

    [Test]
    public async Task A_message_comes_at_once_while_the_stream_stands(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerStream((_, context) => Endless(context)).StartAsync(token);
        await using var stream = server.CallStream(token).GetAsyncEnumerator(token);

        Assert.That(await stream.MoveNextAsync(), Is.True);
        Assert.That(stream.Current.Value, Is.EqualTo("first"));
    }

    [Test]
    public async Task A_failure_after_a_message_comes_in_the_trailers(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerStream((_, _) => Fail()).StartAsync(token);
        await using var stream = server.CallStream(token).GetAsyncEnumerator(token);
        Assert.That(await stream.MoveNextAsync(), Is.True);

        await stream.MoveNextAsync().AsTask().ExpectAsync(GrpcStatusCode.NotFound, Is.EqualTo("gone: 100 %"));
    }

    [Test]
    public async Task To_leave_the_stream_cancels_it_at_the_server(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerStream((_, context) => Endless(context)).StartAsync(token);

        await foreach (var _ in server.CallStream(token))
            break;

        await _ended.Task.WaitAsync(token);
        Assert.That(server.Log.Messages(LogLevel.Error), Is.Empty);
    }

    [Test]
    public async Task Cancellation_is_seen_on_both_sides(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerStream((_, context) => Endless(context)).StartAsync(token);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(token);
        await using var stream = server.CallStream(leaving.Token).GetAsyncEnumerator(token);
        await stream.MoveNextAsync();

        var next = stream.MoveNextAsync();
        await leaving.CancelAsync();

        Assert.That(async () => await next, Throws.InstanceOf<OperationCanceledException>());
        await _ended.Task.WaitAsync(token);
    }

    [Test]
    public async Task The_end_of_the_channel_cancels_the_call_on_both_sides(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerStream((_, context) => Endless(context)).StartAsync(token);
        await using var stream = server.CallStream(token).GetAsyncEnumerator(token);
        await stream.MoveNextAsync();

        var next = stream.MoveNextAsync().AsTask();
        server.Channel.Dispose();

        await next.ExpectAsync(GrpcStatusCode.Cancelled, Is.EqualTo("The channel was closed."));
        await _ended.Task.WaitAsync(token);
    }

    [Test]
    public async Task A_server_that_stops_ends_its_endless_streams(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerStream((_, context) => Endless(context)).StartAsync(token);
        await using var stream = server.CallStream(token).GetAsyncEnumerator(token);
        await stream.MoveNextAsync();

        var next = stream.MoveNextAsync().AsTask();
        await server.StopAsync(token);

        await next.ExpectAsync(GrpcStatusCode.Unavailable, Is.EqualTo("The server is stopping."));
        Assert.That(server.SocketPath, Does.Not.Exist);
    }

    [Test]
    public async Task A_server_that_stops_waits_for_the_unary_calls(CancellationToken token)
    {
        var answer = new TaskCompletionSource<Texts>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await new EchoServer().AnswerOnce((_, _) =>
        {
            _started.SetResult();
            return answer.Task;
        }).StartAsync(token);
        var call = server.CallOnceAsync(token);
        await _started.Task.WaitAsync(token);

        var stopped = server.StopAsync(token);
        answer.SetResult(new Texts());

        Assert.That((await call).Items, Is.Empty);
        await stopped;
    }

    private static async IAsyncEnumerable<Text> Count(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return new Text { Value = $"{i}" };
        }
    }

    private static async IAsyncEnumerable<Text> Fail()
    {
        await Task.Yield();
        yield return new Text();
        throw new GrpcException(GrpcStatusCode.NotFound, "gone: 100 %");
    }

    private async IAsyncEnumerable<Text> Endless(
        GrpcCallContext context, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return new Text { Value = "first" };
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
