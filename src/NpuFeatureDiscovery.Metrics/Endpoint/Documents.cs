using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>The documents of the program, by their paths.</summary>
internal sealed class Documents
{
    private readonly Dictionary<string, ServedDocument> _byPath = new(StringComparer.Ordinal);

    public Documents(IEnumerable<IEndpointDocument> documents, IOptions<EndpointOptions> options, TimeProvider timeProvider)
    {
        foreach (var document in documents)
        {
            if (document.Path is "/metrics" or "/livez" or "/readyz"
                || !_byPath.TryAdd(document.Path, new ServedDocument(document, options.Value.CollectDeadline, timeProvider)))
                throw new ArgumentException($"The path '{document.Path}' is taken: give the document another one.", nameof(documents));
        }
    }

    public IEnumerable<string> Paths => _byPath.Keys;

    public ServedDocument? Find(string? path) => path is null ? null : _byPath.GetValueOrDefault(path);
}
