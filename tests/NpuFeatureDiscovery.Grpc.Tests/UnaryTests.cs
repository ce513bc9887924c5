using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Grpc.Tests.Messages;

namespace NpuFeatureDiscovery.Grpc.Tests;

[CancelAfter(20_000)]
public sealed class UnaryTests
{
    [Test]
    public async Task The_handlers_answer_comes_back(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerOnce(EchoServer.EchoAsync).StartAsync(token);

        var answer = await server.CallOnceAsync(token, "Grüße, 안녕");

        Assert.That(answer.Items.Single().Value, Is.EqualTo("Grüße, 안녕"));
        Assert.That(server.Log.Messages(LogLevel.Error), Is.Empty);
    }

    [Test]
    public async Task Ten_thousand_items_fit_into_one_message(CancellationToken token)
    {
        var texts = Enumerable.Range(0, 10_000).Select(i => new Text { Value = $"1B2E6C4D-0000-4A7F-9C31-{i:x12}" });
        await using var server = await new EchoServer()
            .AnswerOnce((_, _) => Task.FromResult(new Texts { Items = { texts } })).StartAsync(token);

        Assert.That((await server.CallOnceAsync(token)).Items, Is.EqualTo(texts));
    }

    [Test]
    public async Task Many_calls_run_at_a_time(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerOnce(EchoServer.EchoAsync).StartAsync(token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => server.CallOnceAsync(token, $"{i}")));

        Assert.That(answers.Select(answer => answer.Items.Single().Value), Is.EqualTo(Enumerable.Range(0, 300).Select(i => $"{i}")));
    }

    [TestCase("The field 'id' is 100 % wrong:\nüber – 안녕")]
    [TestCase("")]
    [TestCase("%41")]
    public async Task The_status_and_message_that_a_handler_throws_are_what_the_client_sees(string message, CancellationToken token)
    {
        await using var server = await new EchoServer()
            .AnswerOnce((_, _) => throw new GrpcException(GrpcStatusCode.InvalidArgument, message)).StartAsync(token);

        await server.CallOnceAsync(token).ExpectAsync(GrpcStatusCode.InvalidArgument, Is.EqualTo(message));
        Assert.That(server.Log.Messages(LogLevel.Error), Is.Empty);
    }

    [Test]
    public async Task Any_other_exception_is_logged_and_told_to_nobody(CancellationToken token)
    {
        await using var server = await new EchoServer()
            .AnswerOnce((_, _) => throw new InvalidOperationException("secret")).StartAsync(token);

        await server.CallOnceAsync(token).ExpectAsync(GrpcStatusCode.Unknown, Does.Not.Contain("secret"));
        Assert.That(server.Log.Messages(LogLevel.Error), Is.EqualTo(["/test.Echo/Once failed"]));
    }

    [Test]
    public async Task A_method_that_is_not_there_is_unimplemented(CancellationToken token)
    {
        await using var server = await new EchoServer().StartAsync(token);

        await server.CallOnceAsync(token).ExpectAsync(GrpcStatusCode.Unimplemented, Does.Contain("'/test.Echo/Once'"));
    }

    [Test]
    public async Task A_request_beyond_4_MiB_is_refused_and_one_just_below_is_not(CancellationToken token)
    {
        await using var server = await new EchoServer()
            .AnswerOnce((request, _) => Task.FromResult(new Texts { Items = { new Text { Value = $"{request.Value.Length}" } } }))
            .StartAsync(token);
        var largest = (4 * 1024 * 1024) - 5;

        Assert.That((await server.CallOnceAsync(token, new string('x', largest))).Items.Single().Value, Is.EqualTo($"{largest}"));
        await server.CallOnceAsync(token, new string('x', largest + 1))
            .ExpectAsync(GrpcStatusCode.ResourceExhausted, Does.Contain("4194305 bytes"));
    }

    [Test]
    public async Task A_response_beyond_4_MiB_is_not_read(CancellationToken token)
    {
        await using var server = await new EchoServer()
            .AnswerOnce((_, _) => Task.FromResult(new Texts { Items = { new Text { Value = new string('x', 5_000_000) } } }))
            .StartAsync(token);

        await server.CallOnceAsync(token).ExpectAsync(GrpcStatusCode.ResourceExhausted, Does.Contain("4194304"));
    }

    [Test]
    public async Task Where_no_socket_is_the_server_is_unavailable_and_the_path_named(CancellationToken token)
    {
        await using var server = new EchoServer();

        await server.CallOnceAsync(token)
            .ExpectAsync(GrpcStatusCode.Unavailable, Is.EqualTo($"There is no socket '{server.SocketPath}'."));
    }

    [Test]
    public async Task The_channel_connects_again_when_the_server_has_come_back(CancellationToken token)
    {
        await using var server = new EchoServer().AnswerOnce(EchoServer.EchoAsync);
        await server.CallOnceAsync(token).ExpectAsync(GrpcStatusCode.Unavailable, Is.Not.Empty);

        await server.StartAsync(token);

        Assert.That((await server.CallOnceAsync(token)).Items, Has.Count.EqualTo(1));
    }
}
