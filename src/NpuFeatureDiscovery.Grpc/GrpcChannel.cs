using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using NpuFeatureDiscovery.Grpc.Calling;

namespace NpuFeatureDiscovery.Grpc;

/// <summary>
/// A client's way to a gRPC server at a Unix socket. It connects with the first call, and again when the connection is
/// lost; one channel serves any number of calls at a time.
/// </summary>
public sealed class GrpcChannel : IDisposable
{
    private readonly TimeProvider _timeProvider;
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _closed = new();
    private bool _isDisposed;

    /// <param name="socketPath">The path of the server's socket, which need not be there yet; at most 107
    /// bytes.</param>
    /// <param name="timeProvider">The clock of the deadlines.</param>
    /// <exception cref="ArgumentException">The path is too long.</exception>
    public GrpcChannel(string socketPath, TimeProvider timeProvider)
    {
        SocketPath = socketPath;
        _timeProvider = timeProvider;
        var endPoint = Wire.SocketPath.ToEndPoint(socketPath);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) => await ConnectAsync(endPoint, cancellationToken),
            // Neither the environment's proxy nor a trace header has to do with a socket of this host.
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        })
        {
            // Only valid host names are: servers refuse a path.
            BaseAddress = new Uri("http://localhost"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The path of the server's socket.</summary>
    public string SocketPath { get; }

    /// <summary>The largest response that is read; a larger one fails with <c>RESOURCE_EXHAUSTED</c>.</summary>
    /// <value>In bytes. Default: 4 MiB, as in other gRPC libraries.</value>
    public int MaxReceiveMessageSize { get; init; } = Wire.MessageFrame.DefaultMaxSize;

    /// <summary>Calls a method with one request and one response.</summary>
    /// <param name="method">Its full name, such as <c>/v1beta1.Registration/Register</c>.</param>
    /// <param name="request">The request.</param>
    /// <param name="parser">The parser of the response: <c>TResponse.Parser</c>.</param>
    /// <param name="timeout">How long to wait, which the server is told as well; <see langword="null"/>: for
    /// ever.</param>
    /// <param name="cancellationToken">Cancels the call, at the server too.</param>
    /// <exception cref="GrpcException">The call failed; where no server listens with <c>UNAVAILABLE</c>.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        string method, TRequest request, MessageParser<TResponse> parser, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        using var call = NewCall(parser, timeout, cancellationToken);
        await call.StartAsync(method, request);
        var response = await call.ReadAsync();
        if (response is null || await call.ReadAsync() is not null)
        {
            throw new GrpcException(
                GrpcStatusCode.Internal, $"'{method}' did not give one response, but none or several.");
        }

        return response;
    }

    /// <summary>
    /// Calls a method with one request and a stream of responses; to leave the enumeration cancels the call.
    /// </summary>
    /// <inheritdoc cref="UnaryAsync"/>
    public async IAsyncEnumerable<TResponse> ServerStreamingAsync<TRequest, TResponse>(
        string method, TRequest request, MessageParser<TResponse> parser, TimeSpan? timeout = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        using var call = NewCall(parser, timeout, cancellationToken);
        await call.StartAsync(method, request);
        while (await call.ReadAsync() is { } response)
            yield return response;
    }

    /// <summary>Closes the connection; calls that run fail.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;

        // HttpClient would let the streams go on.
        _closed.Cancel();
        _client.Dispose();
        _closed.Dispose();
    }

    private ClientCall<TResponse> NewCall<TResponse>(
        MessageParser<TResponse> parser, TimeSpan? timeout, CancellationToken cancellationToken)
        where TResponse : class, IMessage<TResponse> =>
        new(
            _client, SocketPath, parser, MaxReceiveMessageSize, timeout, _timeProvider, _closed.Token, cancellationToken);

    private static async Task<Stream> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
