using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using NpuFeatureDiscovery.Grpc.Wire;

namespace NpuFeatureDiscovery.Grpc.Calling;

/// <summary>Makes a status of what a server, HTTP or the socket says.</summary>
internal static class CallStatus
{
    /// <summary>Whether there is a status; one that is not OK is thrown.</summary>
    public static bool ThrowIfFailed(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues(GrpcHeaders.Status, out var values))
            return false;

        var message = headers.TryGetValues(GrpcHeaders.Message, out var messages) ? string.Concat(messages) : "";
        var isNumber = int.TryParse(
            string.Concat(values), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var statusCode = isNumber ? (GrpcStatusCode)number : GrpcStatusCode.Unknown;
        return statusCode is GrpcStatusCode.OK
            ? true
            : throw new GrpcException(statusCode, PercentEncoding.Decode(message));
    }

    /// <summary>
    /// Of an answer that is not gRPC: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md.
    /// </summary>
    public static GrpcException OfHttp(HttpResponseMessage response)
    {
        var statusCode = response.StatusCode switch
        {
            HttpStatusCode.BadRequest => GrpcStatusCode.Internal,
            HttpStatusCode.Unauthorized => GrpcStatusCode.Unauthenticated,
            HttpStatusCode.Forbidden => GrpcStatusCode.PermissionDenied,
            HttpStatusCode.NotFound => GrpcStatusCode.Unimplemented,
            HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout => GrpcStatusCode.Unavailable,
            _ => GrpcStatusCode.Unknown,
        };
        var type = response.Content.Headers.ContentType?.ToString() ?? "none";
        return new GrpcException(
            statusCode, $"The answer is not gRPC: HTTP status {(int)response.StatusCode}, content type '{type}'.");
    }

    public static GrpcException OfTransport(Exception exception, string socketPath)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException protocol)
            {
                return new GrpcException(
                    OfHttp2(protocol.ErrorCode), $"The server cut the call off: {cause.Message}", exception);
            }

            if (cause is SocketException socket)
                return new GrpcException(GrpcStatusCode.Unavailable, Sentence(socket, socketPath), exception);
        }

        return new GrpcException(
            GrpcStatusCode.Unavailable, $"The connection to the socket '{socketPath}' failed: {exception.Message}",
            exception);
    }

    /// <summary>
    /// A socket file that is missing gives an error that speaks of addresses, so the file is looked for.
    /// </summary>
    private static string Sentence(SocketException exception, string socketPath) =>
        !File.Exists(socketPath) ? $"There is no socket '{socketPath}'."
        : exception.SocketErrorCode is SocketError.ConnectionRefused ? $"Nobody listens at the socket '{socketPath}'."
        : $"The connection to the socket '{socketPath}' failed: {exception.Message}";

    /// <summary>The error codes of RFC 9113, section 7, by the table of PROTOCOL-HTTP2.md.</summary>
    private static GrpcStatusCode OfHttp2(long errorCode) => errorCode switch
    {
        0x0 => GrpcStatusCode.Unavailable, // NO_ERROR: the end of the connection, of which the table says nothing
        0x7 => GrpcStatusCode.Unavailable, // REFUSED_STREAM
        0x8 => GrpcStatusCode.Cancelled, // CANCEL
        0xb => GrpcStatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => GrpcStatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => GrpcStatusCode.Internal,
    };
}
