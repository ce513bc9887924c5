using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>The status of the node for programs, and for the script of the page.</summary>
internal sealed class StatusJson(StatusReader reader) : IEndpointDocument
{
    public string Path => "/status.json";

    public string ContentType => "application/json";

    public async ValueTask<ReadOnlyMemory<byte>> CreateAsync(CancellationToken cancellationToken) =>
        (await reader.ReadAsync(cancellationToken)).ToJson();
}
