using System.Net;

namespace NpuFeatureDiscovery.Kubernetes;

/// <summary>A call that failed. The message names what was asked for, what the API server said, and what to do.</summary>
public sealed class KubernetesException : Exception
{
    /// <param name="message">What was asked for, why it failed and what to do.</param>
    /// <param name="statusCode">The answer's HTTP status; <see langword="null"/> where there was no answer.</param>
    /// <param name="innerException">The cause.</param>
    public KubernetesException(string message, HttpStatusCode? statusCode = null, Exception? innerException = null)
        : base(message, innerException) => StatusCode = statusCode;

    /// <summary>
    /// The answer's HTTP status; <see langword="null"/> where there was none: no connection, no credentials, or no answer in
    /// time.
    /// </summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>The reason as the API server names it: <c>Forbidden</c>, <c>Conflict</c>; empty where it gave none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What the API server says is wrong, one cause a field.</summary>
    public IReadOnlyList<KubernetesCause> Causes { get; init; } = [];
}
