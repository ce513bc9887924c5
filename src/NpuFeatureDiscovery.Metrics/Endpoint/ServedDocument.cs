namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>One document, which is made once for all who ask at a time.</summary>
internal sealed class ServedDocument(IEndpointDocument document, TimeSpan deadline, TimeProvider timeProvider)
{
    private readonly SharedRun<ReadOnlyMemory<byte>> _run =
        new(token => document.CreateAsync(token).AsTask(), deadline, timeProvider);

    public string ContentType => document.ContentType;

    public string ContentSecurityPolicy => document.ContentSecurityPolicy;

    /// <exception cref="TimeoutException">It took longer than the deadline.</exception>
    public Task<ReadOnlyMemory<byte>> CreateAsync(CancellationToken cancellationToken) => _run.GetAsync(cancellationToken);
}
