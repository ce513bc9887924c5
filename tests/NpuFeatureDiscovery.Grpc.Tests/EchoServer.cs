using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Grpc.Tests.Messages;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Grpc.Tests;

/// <summary>A server in a folder of its own, what it logs, and a channel to it.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    public const string Once = "/test.Echo/Once";
    public const string Stream = "/test.Echo/Stream";

    private readonly TemporaryFolder _folder = new();
    private readonly ILoggerFactory _loggers;
    private readonly GrpcServer _server;

    public EchoServer(TimeProvider? serverTime = null, TimeProvider? clientTime = null)
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(Log));
        var options = new GrpcServerOptions { SocketPath = _folder.At("echo.sock") };
        _server = new GrpcServer(options, serverTime ?? TimeProvider.System, _loggers);
        Channel = new GrpcChannel(options.SocketPath, clientTime ?? TimeProvider.System);
    }

    public LogSink Log { get; } = new();

    public GrpcChannel Channel { get; }

    public string SocketPath => _server.SocketPath;

    public EchoServer AnswerOnce(Func<Text, GrpcCallContext, Task<Texts>> handler)
    {
        _server.AddUnary(Once, Text.Parser, handler);
        return this;
    }

    public EchoServer AnswerStream(Func<Text, GrpcCallContext, IAsyncEnumerable<Text>> handler)
    {
        _server.AddServerStreaming(Stream, Text.Parser, handler);
        return this;
    }

    /// <summary>Gives the request back, as the only item.</summary>
    public static Task<Texts> EchoAsync(Text request, GrpcCallContext context) =>
        Task.FromResult(new Texts { Items = { request } });

    public async Task<EchoServer> StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(cancellationToken);
        return this;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    public Task<Texts> CallOnceAsync(CancellationToken cancellationToken, string text = "hello", TimeSpan? timeout = null) =>
        Channel.UnaryAsync(Once, new Text { Value = text }, Texts.Parser, timeout, cancellationToken);

    public IAsyncEnumerable<Text> CallStream(CancellationToken cancellationToken, TimeSpan? timeout = null) =>
        Channel.ServerStreamingAsync(Stream, new Text(), Text.Parser, timeout, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _server.DisposeAsync();
        _loggers.Dispose();
        Log.Dispose();
        _folder.Dispose();
    }
}
