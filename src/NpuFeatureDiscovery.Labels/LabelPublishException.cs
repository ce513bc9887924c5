namespace NpuFeatureDiscovery.Labels;

/// <summary>Labels could not be published. The message says where, why and what to do.</summary>
public sealed class LabelPublishException : Exception
{
    /// <param name="message">Where, why and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public LabelPublishException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
