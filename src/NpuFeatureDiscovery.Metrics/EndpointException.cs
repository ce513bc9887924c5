namespace NpuFeatureDiscovery.Metrics;

/// <summary>The endpoint cannot be started. The message says where, why and what to do.</summary>
public sealed class EndpointException : Exception
{
    /// <param name="message">Where, why and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public EndpointException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
