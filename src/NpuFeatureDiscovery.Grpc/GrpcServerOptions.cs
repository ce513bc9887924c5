namespace NpuFeatureDiscovery.Grpc;

/// <summary>Where a <see cref="GrpcServer"/> listens, and what it takes.</summary>
public sealed class GrpcServerOptions
{
    /// <summary>The path of the socket.</summary>
    /// <value>At most 107 bytes of UTF-8, a limit of Linux. Its folder must exist.</value>
    public required string SocketPath { get; init; }

    /// <summary>Who may connect, as the mode of the socket file. It is set whatever the process' umask.</summary>
    /// <value>Default: 0600, the process' own user.</value>
    public UnixFileMode SocketMode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The largest request that is read; a larger one is answered with <c>RESOURCE_EXHAUSTED</c>.</summary>
    /// <value>In bytes. Default: 4 MiB, as in other gRPC libraries.</value>
    public int MaxReceiveMessageSize { get; init; } = Wire.MessageFrame.DefaultMaxSize;
}
