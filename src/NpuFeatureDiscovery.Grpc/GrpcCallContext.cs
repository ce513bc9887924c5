namespace NpuFeatureDiscovery.Grpc;

/// <summary>What a handler knows of its call besides the request.</summary>
public sealed class GrpcCallContext
{
    internal GrpcCallContext(string method, DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        Method = method;
        Deadline = deadline;
        CancellationToken = cancellationToken;
    }

    /// <summary>The method's full name, such as <c>/v1beta1.DevicePlugin/Allocate</c>.</summary>
    public string Method { get; }

    /// <summary>When the client stops waiting; <see langword="null"/> where it waits for ever.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>
    /// Cancelled when the client has gone or the deadline is over, and for a stream also when the server stops. A unary
    /// handler that does not heed it is left behind at that time: nobody sees its answer, and a failure is logged. A
    /// stream that does not heed it holds up its call and the end of the server.
    /// </summary>
    public CancellationToken CancellationToken { get; }
}
