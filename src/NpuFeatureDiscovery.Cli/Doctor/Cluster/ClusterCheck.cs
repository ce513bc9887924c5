using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What needs the API server or Node Feature Discovery: read once, and judged by one check after the other.</summary>
internal sealed class ClusterCheck(ClusterSetting setting) : IDoctorCheck
{
    public const string Name = "api-server";

    private static readonly IClusterCheck[] Checks =
    [
        new NfdCheck(), new NfdFileCheck(), new NodeFeatureCheck(), new LabelsCheck(), new OtherWritersCheck(), new ResourcesCheck(),
        new RequestsCheck(), new PendingPodsCheck(),
    ];

    public async ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var facts = new ClusterFacts(setting);
        if (setting.Client is { } client)
        {
            var reader = new ClusterReader(setting, client);
            facts = await reader.ReadAsync(cancellationToken);
            findings.AddRange(reader.Findings);
            facts = facts with { Allocations = facts.Pods is null ? null : await ReadAllocationsAsync(cancellationToken) };
        }
        else
        {
            findings.Add(new Finding(FindingLevel.Warning, Name, $"There is no API server to ask: {setting.NoClient}.",
                "Not checked therefore: the Node, its labels in force and its resources, NFD's version, and the Pods.",
                "Give doctor a kubeconfig (KUBECONFIG), or run it in a Pod with a token."));
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
                new PodResourcesOptions { SocketPath = setting.PodResourcesSocket, Resources = [.. setting.Resources] }, setting.TimeProvider);
            return await kubelet.ListAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is GrpcException or IOException)
        {
            return null;
        }
    }
}
