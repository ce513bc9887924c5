namespace NpuFeatureDiscovery.Metrics.Endpoint.Security;

/// <summary>A file cannot be used for what it is meant for.</summary>
internal sealed class EndpointFileException(string path, string reason, Exception? innerException = null)
    : Exception($"File '{path}' cannot be used: {reason}", innerException)
{
    public string Path => path;

    /// <summary>Why, and what is allowed: a sentence without the file's name.</summary>
    public string Reason => reason;
}
