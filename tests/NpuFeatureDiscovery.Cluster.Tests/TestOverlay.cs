using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>
/// An overlay of deploy/ for the cluster's node: on the only network that is there, with the sysfs of a test's host. Everything else is
/// as it is published, /dev and the kubelet's folders among it.
/// </summary>
internal sealed class TestOverlay : IDisposable
{
    private const string Ours = "app.kubernetes.io/part-of=npu-feature-discovery";

    private readonly TemporaryFolder _folder = new();

    /// <param name="name">The overlay.</param>
    /// <param name="host">Whose sysfs is read.</param>
    /// <param name="changes">More lines of the Pods, merged as a strategic merge patch does.</param>
    /// <param name="patches">More patches of the kustomization.</param>
    public TestOverlay(string name, NpuHost host, string changes = "", string patches = "")
    {
        var deploy = Path.GetRelativePath(_folder.Path, Repository.At("deploy"));
        var lines = changes.Split('\n').Select(line => $"            {line}");
        File.WriteAllText(_folder.At("kustomization.yaml"), $$"""
            resources: [{{deploy}}/overlays/{{name}}]
            patches:
              - target: {kind: DaemonSet}
                patch: |-
                  apiVersion: apps/v1
                  kind: DaemonSet
                  metadata: {name: every}
                  spec:
                    template:
                      spec:
                        hostNetwork: true
                        # Other tests make Nodes without a machine.
                        nodeSelector: {kubernetes.io/hostname: {{Cluster.Node}}}
                        volumes:
                          - {name: sys-bus, hostPath: {path: {{host.Root}}/sys/bus} }
                          - {name: sys-class, hostPath: {path: {{host.Root}}/sys/class} }
                          - {name: sys-devices, hostPath: {path: {{host.Root}}/sys/devices} }
            {{string.Join('\n', lines)}}
            {{patches}}
            """);
    }

    /// <summary>Applies it and waits until its DaemonSets are rolled out.</summary>
    public async Task InstallAsync(CancellationToken token)
    {
        await ApplyAsync(token);
        foreach (var daemonSet in await DaemonSetsAsync(token))
            await Cluster.RolledOutAsync(daemonSet, token);
    }

    public Task ApplyAsync(CancellationToken token) => Cluster.KubectlAsync(["apply", "-k", _folder.Path], token);

    /// <summary>Deletes what of it is there.</summary>
    public Task DeleteAsync(CancellationToken token) =>
        Cluster.KubectlAsync(["delete", "-k", _folder.Path, "--ignore-not-found"], token);

    /// <summary>Waits until no Pod of any overlay is left: they end after their DaemonSets.</summary>
    public static Task PodsAreGoneAsync(CancellationToken token) => Cluster.UntilAsync(
        () => Cluster.KubectlAsync(["get", "pods", "-n", Cluster.Namespace, "-l", Ours, "-o", "name"], token),
        pods => pods.Length == 0, token);

    public void Dispose() => _folder.Dispose();

    private async Task<string[]> DaemonSetsAsync(CancellationToken token) =>
        [.. (await Cluster.KubectlAsync(["get", "-k", _folder.Path, "-o", "name"], token)).Split('\n')
            .Where(name => name.StartsWith("daemonset", StringComparison.Ordinal)).Select(name => name.Split('/')[1])];
}
