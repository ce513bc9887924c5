using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace NpuFeatureDiscovery.Grpc.Wire;

/// <summary>The headers and trailers of https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>Whether it is gRPC with protobuf messages: neither gRPC-Web nor JSON.</summary>
    public static bool IsGrpc(string? contentType)
    {
        var mediaType = contentType.AsSpan();
        var parameters = mediaType.IndexOf(';');
        mediaType = (parameters < 0 ? mediaType : mediaType[..parameters]).Trim();
        return mediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase)
            || mediaType.Equals(ContentType + "+proto", StringComparison.OrdinalIgnoreCase);
    }

    public static void SetStatus(IHeaderDictionary headers, GrpcStatusCode statusCode, string message)
    {
        headers[Status] = ((int)statusCode).ToString(CultureInfo.InvariantCulture);
        if (message.Length > 0)
            headers[Message] = PercentEncoding.Encode(message);
    }
}
