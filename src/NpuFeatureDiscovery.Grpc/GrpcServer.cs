using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Grpc.Authority;
using NpuFeatureDiscovery.Grpc.Serving;

namespace NpuFeatureDiscovery.Grpc;

/// <summary>A gRPC server at a Unix socket: methods are added, then it is started, and stopped once.</summary>
public sealed class GrpcServer : IAsyncDisposable
{
    private readonly Dictionary<string, ServerMethod> _methods = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CallDispatcher _dispatcher;
    private readonly ListenSocket _socket;
    private readonly KestrelServer _kestrel;
    private bool _isStarted;
    private bool _isDisposed;

    /// <param name="options">Where it listens.</param>
    /// <param name="timeProvider">The clock of the deadlines.</param>
    /// <param name="loggerFactory">Where failures of handlers are logged, and what Kestrel has to say.</param>
    /// <exception cref="ArgumentException">The socket's path is too long.</exception>
    public GrpcServer(GrpcServerOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(options);
        SocketPath = options.SocketPath;
        _socket = new ListenSocket(SocketPath, options.SocketMode);
        _dispatcher = new CallDispatcher(
            _methods, options.MaxReceiveMessageSize, timeProvider,
            loggerFactory.CreateLogger<GrpcServer>(), _stopping.Token);
        _kestrel = new KestrelServer(
            Options.Create(KestrelOptions(Wire.SocketPath.ToEndPoint(SocketPath))),
            new ConnectionListenerFactory(_socket, timeProvider, loggerFactory.CreateLogger<ConnectionListener>()), loggerFactory);
    }

    /// <summary>The path of the socket.</summary>
    public string SocketPath { get; }

    /// <summary>
    /// Whether the socket's file is there that this server made, so that clients can find it: not before the start, nor where somebody
    /// has removed it or put another in its place.
    /// </summary>
    public bool HasSocketFile => _socket.HasFile;

    /// <summary>Adds a method with one request and one response.</summary>
    /// <param name="method">Its full name, such as <c>/v1beta1.DevicePlugin/Allocate</c>.</param>
    /// <param name="parser">The parser of its request: <c>TRequest.Parser</c>.</param>
    /// <param name="handler">
    /// Answers a request. A <see cref="GrpcException"/> that it throws is what the client sees; any other is logged,
    /// and the client sees <see cref="GrpcStatusCode.Unknown"/>. It runs on a thread of the pool, which it may block.
    /// </param>
    public void AddUnary<TRequest, TResponse>(
        string method, MessageParser<TRequest> parser, Func<TRequest, GrpcCallContext, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(method, new UnaryMethod<TRequest, TResponse>(parser, handler));

    /// <summary>Adds a method with one request and a stream of responses, each of which is sent at once.</summary>
    /// <param name="method">Its full name, such as <c>/v1beta1.DevicePlugin/ListAndWatch</c>.</param>
    /// <param name="parser">The parser of its request: <c>TRequest.Parser</c>.</param>
    /// <param name="handler">
    /// Gives the stream. It ends with the call's <see cref="GrpcCallContext.CancellationToken"/>, which its enumerator
    /// gets as well; exceptions as in <see cref="AddUnary"/>. A message that nobody changes any more may be given to
    /// several streams at a time.
    /// </param>
    public void AddServerStreaming<TRequest, TResponse>(
        string method, MessageParser<TRequest> parser,
        Func<TRequest, GrpcCallContext, IAsyncEnumerable<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(method, new ServerStreamingMethod<TRequest, TResponse>(parser, handler));

    /// <summary>Makes the socket, in the place of one that a killed server left behind, and serves.</summary>
    /// <exception cref="IOException">
    /// The socket cannot be made, another process listens there, or the process has no handles left.
    /// </exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _isStarted = true;
        try
        {
            await _kestrel.StartAsync(_dispatcher, cancellationToken);
        }
        catch (OutOfMemoryException exception)
        {
            // What a new thread says that finds no handles for its pipe.
            throw new IOException(
                $"The server at '{SocketPath}' gets no thread. Raise the process' limit of open files (ulimit -n) or of threads.",
                exception);
        }
    }

    /// <summary>
    /// Removes the socket, unless another server has put its own there, ends the streams and waits for the other calls;
    /// those that still run when the token is cancelled are cut off.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _socket.RemoveFile();
        var stopping = _kestrel.StopAsync(cancellationToken);
        await _stopping.CancelAsync();
        await stopping;
    }

    /// <summary>Stops without waiting for anything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;

        await StopAsync(new CancellationToken(canceled: true));
        _kestrel.Dispose();
        _stopping.Dispose();
    }

    private void Add(string name, ServerMethod method)
    {
        if (_isStarted)
            throw new InvalidOperationException($"Method '{name}' must be added before the server is started.");

        if (!_methods.TryAdd(name, method))
            throw new ArgumentException($"Method '{name}' is added twice.");
    }

    private static KestrelServerOptions KestrelOptions(System.Net.EndPoint endPoint)
    {
        var options = new KestrelServerOptions
        {
            AddServerHeader = false,
            // Clients at a Unix socket name schemes such as 'unix' or 'https'.
            AllowAlternateSchemes = true,
        };
        // A client may be slow, or stopped for a while, and its stream lives on; what is too large is refused by the
        // framing. KeepAliveTimeout ends only connections without a stream: one with a silent stream may last for months.
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.MaxRequestBodySize = null;
        options.Listen(endPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(AuthorityMiddleware.Wrap);
        });
        return options;
    }
}
