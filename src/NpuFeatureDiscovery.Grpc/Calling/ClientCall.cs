using System.IO.Pipelines;
using System.Net;
using Google.Protobuf;
using NpuFeatureDiscovery.Grpc.Wire;

namespace NpuFeatureDiscovery.Grpc.Calling;

/// <summary>
/// One call of a client, from the request to the status. To dispose of it before its end cancels it at the server.
/// </summary>
internal sealed class ClientCall<TResponse> : IDisposable
    where TResponse : class, IMessage<TResponse>
{
    private readonly HttpClient _client;
    private readonly string _socketPath;
    private readonly MessageParser<TResponse> _parser;
    private readonly int _maxReceiveMessageSize;
    private readonly TimeSpan? _timeout;
    private readonly CancellationToken _closed;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _ended;
    private HttpResponseMessage? _response;
    private PipeReader? _reader;

    public ClientCall(
        HttpClient client, string socketPath, MessageParser<TResponse> parser, int maxReceiveMessageSize,
        TimeSpan? timeout,
        TimeProvider timeProvider, CancellationToken closed, CancellationToken cancellationToken)
    {
        _client = client;
        _socketPath = socketPath;
        _parser = parser;
        _maxReceiveMessageSize = maxReceiveMessageSize;
        _timeout = timeout < TimeSpan.Zero ? TimeSpan.Zero : timeout;
        _closed = closed;
        _cancellationToken = cancellationToken;
        _deadline = _timeout is { } wait && wait <= GrpcTimeout.Longest ? new(wait, timeProvider) : new();
        _ended = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, closed, cancellationToken);
    }

    public Task StartAsync(string method, IMessage request) => GuardAsync<object?>(async () =>
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = _client.DefaultRequestVersion,
            VersionPolicy = _client.DefaultVersionPolicy,
            Content = new MessageContent(request),
        };
        message.Headers.TE.ParseAdd("trailers");
        if (_timeout is { } timeout)
            message.Headers.Add(GrpcHeaders.Timeout, GrpcTimeout.Format(timeout));

        _response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, _ended.Token);
        if (_response.StatusCode != HttpStatusCode.OK
            || !GrpcHeaders.IsGrpc(_response.Content.Headers.ContentType?.ToString()))
            throw CallStatus.OfHttp(_response);

        // The status stands in the headers of a response that has no body.
        CallStatus.ThrowIfFailed(_response.Headers);
        _reader = PipeReader.Create(await _response.Content.ReadAsStreamAsync(_ended.Token));
        return null;
    });

    /// <summary>The next message, or <see langword="null"/> when the call has succeeded.</summary>
    public Task<TResponse?> ReadAsync() => GuardAsync(async () =>
    {
        var message = await MessageFrame.ReadAsync(_reader!, _parser, _maxReceiveMessageSize, _ended.Token);
        if (message is null && !CallStatus.ThrowIfFailed(_response!.TrailingHeaders)
            && !CallStatus.ThrowIfFailed(_response.Headers))
            throw new GrpcException(GrpcStatusCode.Unknown, "The server ended the call without a status.");

        return message;
    });

    public void Dispose()
    {
        _response?.Dispose();
        _ended.Dispose();
        _deadline.Dispose();
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (Exception exception) when (_cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The call was cancelled.", exception, _cancellationToken);
        }
        catch (Exception exception) when (exception is not GrpcException && _deadline.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, $"No answer within {_timeout}.", exception);
        }
        catch (Exception exception) when (exception is not GrpcException && _closed.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.Cancelled, "The channel was closed.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw CallStatus.OfTransport(exception, _socketPath);
        }
    }
}
