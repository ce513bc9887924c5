using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.Grpc.Tests.Messages;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Grpc.Tests;

[CancelAfter(20_000)]
public sealed class SocketTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.At("a.sock");

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task Only_the_own_user_may_connect_unless_told_otherwise(CancellationToken token)
    {
        await using var server = NewServer();
        await server.StartAsync(token);

        Assert.That(File.GetUnixFileMode(Path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task The_mode_is_the_one_that_was_given_whatever_the_umask(CancellationToken token)
    {
        const UnixFileMode All = (UnixFileMode)0b110_110_110;
        await using var server = NewServer(All);
        await server.StartAsync(token);

        Assert.That(File.GetUnixFileMode(Path), Is.EqualTo(All));
    }

    [Test]
    public async Task The_socket_of_a_server_that_was_killed_is_replaced(CancellationToken token)
    {
        LeaveSocketBehind();
        Assert.That(Path, Does.Exist);
        await using var server = NewServer();

        await server.StartAsync(token);

        using var channel = new GrpcChannel(Path, TimeProvider.System);
        Assert.That((await channel.UnaryAsync(EchoServer.Once, new Text(), Texts.Parser, null, token)).Items, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_server_tells_whether_its_socket_can_still_be_found(CancellationToken token)
    {
        await using var server = NewServer();
        Assert.That(server.HasSocketFile, Is.False);

        await server.StartAsync(token);
        Assert.That(server.HasSocketFile, Is.True);

        File.Delete(Path);
        Assert.That(server.HasSocketFile, Is.False);

        LeaveSocketBehind();
        Assert.That(server.HasSocketFile, Is.False);
    }

    [Test]
    public async Task What_is_removed_while_it_is_made_is_an_error_and_does_not_take_the_next_one_along(CancellationToken token)
    {
        using var removed = new CancellationTokenSource();
        var removing = Task.Run(() => RemoveUntil(removed.Token), CancellationToken.None);
        Assert.That(async () => await StartUntilItFailsAsync(token), Throws.InstanceOf<IOException>().With.Message.Contains("it was removed at once"));
        await removed.CancelAsync();
        await removing;

        await using var next = NewServer();
        await next.StartAsync(token);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(Path, Does.Exist);

        void RemoveUntil(CancellationToken stopped)
        {
            while (!stopped.IsCancellationRequested)
                File.Delete(Path);
        }

        async Task StartUntilItFailsAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await using var server = NewServer();
                await server.StartAsync(cancellationToken);
            }
        }
    }

    [Test]
    public async Task Nobody_listens_at_the_socket_of_a_server_that_was_killed(CancellationToken token)
    {
        LeaveSocketBehind();
        using var channel = new GrpcChannel(Path, TimeProvider.System);

        await channel.UnaryAsync(EchoServer.Once, new Text(), Texts.Parser, null, token)
            .ExpectAsync(GrpcStatusCode.Unavailable, Is.EqualTo($"Nobody listens at the socket '{Path}'."));
    }

    [Test]
    public async Task The_socket_of_a_server_that_lives_is_left_alone(CancellationToken token)
    {
        await using var first = NewServer();
        await first.StartAsync(token);
        await using var second = NewServer();

        Assert.That(() => second.StartAsync(token),
            Throws.InstanceOf<IOException>().With.Message.Contains($"Another process listens at the socket '{Path}'"));
        using var channel = new GrpcChannel(Path, TimeProvider.System);
        Assert.That((await channel.UnaryAsync(EchoServer.Once, new Text(), Texts.Parser, null, token)).Items, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_file_that_is_no_socket_is_left_alone(CancellationToken token)
    {
        await File.WriteAllTextAsync(Path, "precious", token);
        await using var server = NewServer();

        Assert.That(() => server.StartAsync(token), Throws.InstanceOf<IOException>().With.Message.Contains("is not a socket"));
        Assert.That(await File.ReadAllTextAsync(Path, token), Is.EqualTo("precious"));
    }

    [Test]
    public async Task A_socket_is_told_from_outside_to_be_there_and_to_be_served(CancellationToken token)
    {
        Assert.That((UnixSocket.Exists(Path), UnixSocket.IsServed(Path)), Is.EqualTo((false, false)), "nothing");

        await File.WriteAllTextAsync(Path, "", token);
        Assert.That((UnixSocket.Exists(Path), UnixSocket.IsServed(Path)), Is.EqualTo((false, false)), "a file");

        File.Delete(Path);
        LeaveSocketBehind();
        Assert.That((UnixSocket.Exists(Path), UnixSocket.IsServed(Path)), Is.EqualTo((true, false)), "one that was left behind");

        await using var server = NewServer();
        await server.StartAsync(token);
        Assert.That((UnixSocket.Exists(Path), UnixSocket.IsServed(Path)), Is.EqualTo((true, true)), "one with a server");
    }

    [Test]
    public async Task The_socket_is_gone_after_the_end(CancellationToken token)
    {
        var server = NewServer();
        await server.StartAsync(token);
        Assert.That(Path, Does.Exist);

        await server.DisposeAsync();

        Assert.That(Path, Does.Not.Exist);
    }

    [Test]
    public async Task The_end_leaves_the_socket_of_another_server_alone(CancellationToken token)
    {
        var first = NewServer();
        await first.StartAsync(token);
        File.Delete(Path);
        await using var second = NewServer();
        await second.StartAsync(token);

        await first.DisposeAsync();

        using var channel = new GrpcChannel(Path, TimeProvider.System);
        Assert.That((await channel.UnaryAsync(EchoServer.Once, new Text(), Texts.Parser, null, token)).Items, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_end_leaves_a_file_at_the_path_alone(CancellationToken token)
    {
        var server = NewServer();
        await server.StartAsync(token);
        File.Delete(Path);
        await File.WriteAllTextAsync(Path, "precious", token);

        await server.DisposeAsync();

        Assert.That(await File.ReadAllTextAsync(Path, token), Is.EqualTo("precious"));
    }

    [Test]
    public async Task The_socket_can_be_made_again_after_the_end(CancellationToken token)
    {
        for (var i = 0; i < 3; i++)
        {
            await using var server = NewServer();
            await server.StartAsync(token);
            await server.StopAsync(token);
        }

        Assert.That(Path, Does.Not.Exist);
    }

    [Test]
    public async Task Nobody_listens_after_the_end(CancellationToken token)
    {
        var server = NewServer();
        await server.StartAsync(token);
        File.Move(Path, Path + ".moved");

        await server.DisposeAsync();

        using var channel = new GrpcChannel(Path + ".moved", TimeProvider.System);
        await channel.UnaryAsync(EchoServer.Once, new Text(), Texts.Parser, null, token)
            .ExpectAsync(GrpcStatusCode.Unavailable, Does.StartWith("Nobody listens"));
    }

    [TestCase(true, TestName = "A_channel_outlives_servers_that_stop")]
    [TestCase(false, TestName = "A_channel_outlives_servers_that_are_cut_off")]
    public async Task A_channel_outlives_its_servers(bool stops, CancellationToken token)
    {
        using var channel = new GrpcChannel(Path, TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            await using var server = NewServer();
            await server.StartAsync(token);
            Assert.That((await channel.UnaryAsync(EchoServer.Once, new Text(), Texts.Parser, null, token)).Items, Has.Count.EqualTo(1));
            // Tells that the channel has seen the end.
            await using var stream = channel.ServerStreamingAsync(EchoServer.Stream, new Text(), Text.Parser, null, token)
                .GetAsyncEnumerator(token);
            await stream.MoveNextAsync();

            if (stops)
                await server.StopAsync(token);
            else
                await server.DisposeAsync();

            await stream.MoveNextAsync().AsTask().ExpectAsync(GrpcStatusCode.Unavailable, Is.Not.Empty);
        }
    }

    [Test]
    public async Task A_folder_that_is_not_there_is_named(CancellationToken token)
    {
        var options = new GrpcServerOptions { SocketPath = _folder.At("none/a.sock") };
        await using var server = new GrpcServer(options, TimeProvider.System, NullLoggerFactory.Instance);

        Assert.That(() => server.StartAsync(token), Throws.InstanceOf<IOException>().With.Message.Contains(options.SocketPath));
    }

    [Test]
    public void A_path_over_107_bytes_is_refused_by_server_and_client()
    {
        // 36 letters of three bytes each.
        var options = new GrpcServerOptions { SocketPath = new string('한', 36) };

        Assert.That(() => new GrpcServer(options, TimeProvider.System, NullLoggerFactory.Instance),
            Throws.ArgumentException.With.Message.Contains("108 bytes").And.Message.Contains("at most 107 bytes"));
        Assert.That(() => new GrpcChannel(options.SocketPath, TimeProvider.System), Throws.ArgumentException);
    }

    [Test]
    public async Task A_path_of_107_bytes_is_served(CancellationToken token)
    {
        var options = new GrpcServerOptions { SocketPath = _folder.At(new string('x', 106 - _folder.Path.Length)) };
        await using var server = new GrpcServer(options, TimeProvider.System, NullLoggerFactory.Instance);

        await server.StartAsync(token);

        Assert.That(options.SocketPath, Has.Length.EqualTo(107).And.Exist);
    }

    /// <summary>A socket that is renamed before it is closed: closing would remove it.</summary>
    private void LeaveSocketBehind()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path + ".first"));
        File.Move(Path + ".first", Path);
    }

    private GrpcServer NewServer(UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var options = new GrpcServerOptions { SocketPath = Path, SocketMode = mode };
        var server = new GrpcServer(options, TimeProvider.System, NullLoggerFactory.Instance);
        server.AddUnary<Text, Texts>(EchoServer.Once, Text.Parser, EchoServer.EchoAsync);
        server.AddServerStreaming<Text, Text>(EchoServer.Stream, Text.Parser, Endless);
        return server;
    }

    private static async IAsyncEnumerable<Text> Endless(Text request, GrpcCallContext context)
    {
        yield return request;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
    }
}
