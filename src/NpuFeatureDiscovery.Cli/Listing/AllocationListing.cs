using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>The cards and cores with who holds them.</summary>
internal sealed class AllocationListing(
    HostRoot root, bool all, PodResourcesOptions pods, ListingForm form, TimeProvider timeProvider) : IListing
{
    private readonly NodeReader _nodes = new(root);
    private readonly PodResourcesClient _kubelet = new(pods, timeProvider);
    private readonly DeviceIds _ids = new();

    public async Task<ListedText> ReadAsync(CancellationToken cancellationToken)
    {
        var node = _nodes.Read();
        var rows = AllocationRows.Create(node, _ids, await AllocationsAsync(cancellationToken));
        AllocationRow[] listed =
            [.. rows.Where(row => all || row.Holder is not null || row.Device is { DeviceNodes.Count: > 0 })];
        var document = AllocationDocument.Create(listed, node.Problems);
        return new ListedText(
            form.Write(isWide => AllocationTable.Draw(listed, isWide), document.ToJson, document.ToJsonLine, document.ToYaml),
            [
                // Who holds nothing has one row for each card.
                .. HiddenCards.Tell(node.Devices.Count, node.Devices.Count - (rows.Count - listed.Length)),
                .. form.Tell(node.Problems),
                .. form.IsTable ? listed.SelectMany(row => row.Findings).Select(finding => finding.Reason) : [],
            ]);
    }

    public void Dispose()
    {
        _kubelet.Dispose();
        _nodes.Dispose();
    }

    private async Task<IReadOnlyList<Allocation>> AllocationsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _kubelet.ListAsync(cancellationToken);
        }
        catch (GrpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A list without holders would say that all NPUs are free.
            throw new ListingException($"Who holds the NPUs is not known, nor which are free: {Explain(exception)}", exception);
        }
    }

    private string Explain(GrpcException exception)
    {
        var folder = Path.GetDirectoryName(pods.SocketPath);
        return !string.IsNullOrEmpty(folder) && !Directory.Exists(folder)
            ? $"'{folder}', where the kubelet has its socket, is missing or closed to this user. Run as root on the node or mount "
                + "the folder into the container, read-only, or name the socket by --pod-resources."
            : $"{exception.Message} The kubelet has to run, and tells root alone; --pod-resources names its socket.";
    }
}
