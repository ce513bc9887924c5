using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using NpuFeatureDiscovery.Grpc.Wire;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>One HTTP/2 exchange seen as a gRPC call.</summary>
internal sealed class ServerExchange
{
    private readonly HttpContext _http;
    private readonly int _maxReceiveMessageSize;

    public ServerExchange(HttpContext http, int maxReceiveMessageSize)
    {
        _http = http;
        _maxReceiveMessageSize = maxReceiveMessageSize;
        http.Response.ContentType = GrpcHeaders.ContentType;
        http.Response.Headers[GrpcHeaders.AcceptEncoding] = "identity";
    }

    /// <summary>The one message of the request.</summary>
    public async Task<T> ReadRequestAsync<T>(MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        var request = await ReadAsync(parser, cancellationToken)
            ?? throw new GrpcException(GrpcStatusCode.Internal, "The request has no message.");
        if (await ReadAsync(parser, cancellationToken) is not null)
            throw new GrpcException(GrpcStatusCode.Internal, "The request has more than one message.");

        return request;
    }

    public void Write(IMessage message) => MessageFrame.Write(_http.Response.BodyWriter, message);

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        // Of a client that has gone the flush tells by its result, and only once.
        var flushed = await _http.Response.BodyWriter.FlushAsync(cancellationToken);
        if (flushed.IsCompleted)
            throw new OperationCanceledException("The client has gone.");
    }

    /// <summary>
    /// Ends the call: in trailers, or, where nothing was sent yet, in the headers of a response without a body.
    /// </summary>
    public void End(GrpcStatusCode statusCode, string message)
    {
        if (statusCode is not GrpcStatusCode.OK && !_http.Response.HasStarted)
            GrpcHeaders.SetStatus(_http.Response.Headers, statusCode, message);
        else
            GrpcHeaders.SetStatus(Trailers, statusCode, message);
    }

    private async Task<T?> ReadAsync<T>(MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        try
        {
            return await MessageFrame.ReadAsync(_http.Request.BodyReader, parser, _maxReceiveMessageSize, cancellationToken);
        }
        catch (IOException exception)
        {
            // Before the token is cancelled that tells of it.
            throw new GrpcException(GrpcStatusCode.Cancelled, "The client has gone in the middle of its request.", exception);
        }
    }

    private IHeaderDictionary Trailers =>
        _http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseTrailersFeature>()!.Trailers;
}
