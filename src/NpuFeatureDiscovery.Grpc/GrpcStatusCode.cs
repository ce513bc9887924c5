namespace NpuFeatureDiscovery.Grpc;

/// <summary>
/// How a call ended, by the <see href="https://grpc.io/docs/guides/status-codes/">numbers of gRPC</see>.
/// </summary>
public enum GrpcStatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The call was cancelled.</summary>
    Cancelled = 1,

    /// <summary>A failure that is none of the others, such as an unforeseen exception of a handler.</summary>
    Unknown = 2,

    /// <summary>The request is wrong, whatever the state of the server.</summary>
    InvalidArgument = 3,

    /// <summary>The time that the client gave is over.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be made exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The client may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>Something is used up, or a message is too large.</summary>
    ResourceExhausted = 8,

    /// <summary>The server is not in the state that the call needs.</summary>
    FailedPrecondition = 9,

    /// <summary>The call was given up, as by a conflict with another.</summary>
    Aborted = 10,

    /// <summary>The call reaches beyond what is there.</summary>
    OutOfRange = 11,

    /// <summary>The server does not know this method, or this compression.</summary>
    Unimplemented = 12,

    /// <summary>Something that always holds does not, such as the form of a message.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached now; trying again may help.</summary>
    Unavailable = 14,

    /// <summary>Data are lost or damaged.</summary>
    DataLoss = 15,

    /// <summary>The client has not shown who it is.</summary>
    Unauthenticated = 16,
}
