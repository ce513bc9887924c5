using NpuFeatureDiscovery.Grpc.Tests.Messages;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Grpc.Tests;

[CancelAfter(20_000)]
public sealed class DeadlineTests
{
    private readonly TaskCompletionSource<GrpcCallContext> _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualTimeProvider _time = new();

    [Test]
    public async Task The_server_ends_a_call_at_its_deadline(CancellationToken token)
    {
        await using var server = await new EchoServer(serverTime: _time).AnswerOnce(HangAsync).StartAsync(token);

        var call = server.CallOnceAsync(token, timeout: TimeSpan.FromHours(1));
        var context = await _called.Task.WaitAsync(token);
        Assert.That(context.Deadline, Is.EqualTo(_time.GetUtcNow().AddHours(1)));
        _time.Advance(TimeSpan.FromHours(1));

        await call.ExpectAsync(GrpcStatusCode.DeadlineExceeded, Is.EqualTo("The deadline is over."));
    }

    [Test]
    public async Task The_client_ends_a_call_at_its_deadline_whatever_the_server_does(CancellationToken token)
    {
        await using var server = await new EchoServer(clientTime: _time).AnswerOnce(HangAsync).StartAsync(token);

        var call = server.CallOnceAsync(token, timeout: TimeSpan.FromHours(1));
        var context = await _called.Task.WaitAsync(token);
        _time.Advance(TimeSpan.FromHours(1));

        await call.ExpectAsync(GrpcStatusCode.DeadlineExceeded, Is.EqualTo("No answer within 01:00:00."));
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken)
            .ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(token);
    }

    [Test]
    public async Task An_answer_after_the_deadline_is_none(CancellationToken token)
    {
        await using var server = await new EchoServer(serverTime: _time).AnswerOnce((_, _) =>
        {
            _time.Advance(TimeSpan.FromHours(1));
            return Task.FromResult(new Texts());
        }).StartAsync(token);

        await server.CallOnceAsync(token, timeout: TimeSpan.FromHours(1))
            .ExpectAsync(GrpcStatusCode.DeadlineExceeded, Is.Not.Empty);
    }

    [Test]
    public async Task A_stream_ends_at_its_deadline(CancellationToken token)
    {
        await using var server = await new EchoServer(serverTime: _time).AnswerStream(HangStream).StartAsync(token);

        var call = server.CallStream(token, TimeSpan.FromHours(1)).ReadToEndAsync();
        await _called.Task.WaitAsync(token);
        _time.Advance(TimeSpan.FromHours(1));

        await call.ExpectAsync(GrpcStatusCode.DeadlineExceeded, Is.EqualTo("The deadline is over."));
    }

    [Test]
    public async Task No_time_at_all_is_over_at_once(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerOnce(HangAsync).StartAsync(token);

        await server.CallOnceAsync(token, timeout: TimeSpan.Zero).ExpectAsync(GrpcStatusCode.DeadlineExceeded, Is.Not.Empty);
    }

    private async Task<Texts> HangAsync(Text request, GrpcCallContext context)
    {
        _called.TrySetResult(context);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        return new Texts();
    }

    private async IAsyncEnumerable<Text> HangStream(Text request, GrpcCallContext context)
    {
        await HangAsync(request, context);
        yield return request;
    }
}
