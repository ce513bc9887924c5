using Microsoft.Extensions.Logging;
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

    [Test]
    public async Task A_handler_that_ignores_its_token_is_left_behind_at_the_deadline(CancellationToken token)
    {
        var answer = new TaskCompletionSource<Texts>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await new EchoServer(serverTime: _time).AnswerOnce((_, context) =>
        {
            _called.TrySetResult(context);
            return answer.Task;
        }).StartAsync(token);

        await ExpectEndAtDeadlineAsync(server, token);

        answer.SetException(new InvalidOperationException("Too late."));
        await server.Log.WaitForAsync(entry => entry.Level == LogLevel.Warning, token);
        await server.StopAsync(token);
        Assert.That(server.Log.Messages(LogLevel.Warning), Is.EqualTo(["/test.Echo/Once failed after the end of its call"]));
        Assert.That(server.Log.Messages(LogLevel.Error), Is.Empty);
    }

    [Test]
    public async Task A_handler_that_blocks_its_thread_is_left_behind_at_the_deadline(CancellationToken token)
    {
        using var blocked = new ManualResetEventSlim();
        await using var server = await new EchoServer(serverTime: _time).AnswerOnce((_, context) =>
        {
            _called.TrySetResult(context);
            blocked.Wait(token);
            return Task.FromResult(new Texts());
        }).StartAsync(token);

        await ExpectEndAtDeadlineAsync(server, token);

        // Nor does the server wait for it.
        await server.StopAsync(token);
        blocked.Set();
    }

    [Test]
    public async Task A_handler_that_heeds_its_token_late_has_not_failed(CancellationToken token)
    {
        var answer = new TaskCompletionSource<Texts>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await new EchoServer(serverTime: _time).AnswerOnce((_, context) =>
        {
            _called.TrySetResult(context);
            return answer.Task;
        }).StartAsync(token);

        await ExpectEndAtDeadlineAsync(server, token);

        answer.SetCanceled((await _called.Task).CancellationToken);
        await server.StopAsync(token);
        Assert.That(server.Log.Entries.Where(entry => entry.Level >= LogLevel.Warning), Is.Empty);
    }

    [Test]
    public async Task A_handler_without_a_deadline_holds_up_the_end_only_as_long_as_that_may_take(CancellationToken token)
    {
        var answer = new TaskCompletionSource<Texts>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await new EchoServer().AnswerOnce((_, context) =>
        {
            _called.TrySetResult(context);
            return answer.Task;
        }).StartAsync(token);
        var call = server.CallOnceAsync(token);
        await _called.Task.WaitAsync(token);
        using var impatience = new CancellationTokenSource();

        var stopped = server.StopAsync(impatience.Token);
        Assert.That(stopped.IsCompleted, Is.False);
        await impatience.CancelAsync();

        await stopped.WaitAsync(token);
        await call.ExpectAsync(GrpcStatusCode.Unavailable, Is.Not.Empty);
    }

    private async Task ExpectEndAtDeadlineAsync(EchoServer server, CancellationToken token)
    {
        var call = server.CallOnceAsync(token, timeout: TimeSpan.FromHours(1));
        await _called.Task.WaitAsync(token);
        _time.Advance(TimeSpan.FromHours(1));

        await call.ExpectAsync(GrpcStatusCode.DeadlineExceeded, Is.EqualTo("The deadline is over."));
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
