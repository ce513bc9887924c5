using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What needs the API server or Node Feature Discovery: read once, and judged by one check after the other.</summary>
internal sealed class ClusterCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = ClusterReader.ServerCheck;

    private static readonly IClusterCheck[] Checks =
    [
        new NfdCheck(), new NfdFileCheck(), new NodeFeatureCheck(), new LabelsCheck(), new OtherWritersCheck(),
        new ResourcesCheck(),
        new RequestsCheck(), new PendingPodsCheck(),
    ];

    public async ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var facts = new ClusterFacts(context);
        if (context.Kubernetes is { } client)
        {
            var reader = new ClusterReader(context, client);
            facts = await reader.ReadAsync(cancellationToken);
            findings.AddRange(reader.Findings);
            facts = facts with { Allocations = facts.Pods is null ? null : await ReadAllocationsAsync(cancellationToken) };
        }
        else
        {
            findings.Add(new Finding(FindingLevel.Warning, Name, "No API server can be asked.",
                "Not checked therefore: the Node, its labels and resources, NFD, and Pods. "
                + $"The cause: {context.NoKubernetes?.TrimEnd('.')}.",
                "Give doctor a kubeconfig (KUBECONFIG), or run it in a Pod that has a token."));
        }

        foreach (var check in Checks)
            findings.AddRange(check.Judge(facts));

        return findings;
    }

    /// <summary>That the kubelet does not tell is said by the check of allocations.</summary>
    private async Task<IReadOnlyList<Allocation>?> ReadAllocationsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var kubelet = new PodResourcesClient(
                new PodResourcesOptions { SocketPath = context.Folders.PodResources, Resources = [.. context.Resources] },
                context.TimeProvider);
            return await kubelet.ListAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is GrpcException or IOException)
        {
            return null;
        }
    }
}
