namespace NpuFeatureDiscovery.Kubernetes;

/// <summary>How to reach the API server cannot be told. The message names file and place, and what to do.</summary>
public sealed class KubernetesConfigurationException : Exception
{
    /// <param name="message">Which file is wrong, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public KubernetesConfigurationException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
