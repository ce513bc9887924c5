namespace NpuFeatureDiscovery.Grpc;

/// <summary>
/// A call that failed: thrown by a client, or by a server's handler that wants its client to see this status and
/// message.
/// </summary>
public sealed class GrpcException : Exception
{
    /// <param name="statusCode">How the call ended.</param>
    /// <param name="message">Why, for a person to read. Handlers: the client sees it.</param>
    /// <param name="innerException">The cause. Handlers: the client does not see it.</param>
    public GrpcException(GrpcStatusCode statusCode, string message, Exception? innerException = null)
        : base(message, innerException) => StatusCode = statusCode;

    /// <summary>How the call ended; a number beyond the named ones is one that the other side sent.</summary>
    public GrpcStatusCode StatusCode { get; }
}
