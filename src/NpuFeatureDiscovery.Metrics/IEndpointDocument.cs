namespace NpuFeatureDiscovery.Metrics;

/// <summary>
/// A document that an endpoint shows besides metrics and health, to those who may see the metrics. Register as many as there are.
/// </summary>
public interface IEndpointDocument
{
    /// <summary>
    /// Where it is: <c>/</c> or a path such as <c>/status.json</c>, of which each stands for one document, and none of <c>/metrics</c>,
    /// <c>/livez</c> and <c>/readyz</c>.
    /// </summary>
    string Path { get; }

    /// <summary>What it is: the header <c>Content-Type</c>.</summary>
    string ContentType { get; }

    /// <summary>What a browser may load and run for it: the header <c>Content-Security-Policy</c>.</summary>
    /// <value>Default: nothing, and no other page may show it in a frame.</value>
    string ContentSecurityPolicy => "default-src 'none'; frame-ancestors 'none'";

    /// <summary>
    /// Makes it anew for a request. Requests at the same time share one; one that takes longer than
    /// <see cref="EndpointOptions.CollectDeadline"/> is answered with 503.
    /// </summary>
    ValueTask<ReadOnlyMemory<byte>> CreateAsync(CancellationToken cancellationToken);
}
