using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>deploy/ over what the SDK 0.8 publishes, which has the same names; no Pod runs meanwhile.</summary>
public sealed class UpgradeTests : InstallationTest
{
    [TestCase(FeatureDiscovery, "nfd-feature-file")]
    [TestCase(Plugin, "device-plugin")]
    [TestCase(Exporter, "metrics-exporter")]
    [CancelAfter(Deadline)]
    public async Task It_is_applied_over_the_published_DaemonSet_and_nothing_of_that_is_left(
        string name, string overlay, CancellationToken token)
    {
        using var host = await NpuHost.CreateAsync(cards: 0, token);
        var ours = Overlay(overlay, host);
        await ours.ApplyAsync(token);
        var fresh = await PodOfAsync(name, token);
        await ours.DeleteAsync(token);
        await Cluster.ApplyAsync(Published(name), token);

        await ours.ApplyAsync(token);

        Assert.That(await PodOfAsync(name, token), Is.EqualTo(fresh));
    }

    private static async Task<string> PodOfAsync(string daemonSet, CancellationToken token) => JsonNode.Parse(
        await Cluster.KubectlAsync(["get", "daemonset", "-n", Cluster.Namespace, daemonSet, "-o", "json"], token))!
        ["spec"]!["template"]!["spec"]!.ToJsonString();

    /// <summary>In the shape of the SDK's, whatever its containers are called.</summary>
    private static string Published(string name) => $$"""
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: {{name}}, namespace: {{Cluster.Namespace}}, labels: {app.kubernetes.io/name: {{name}}} }
        spec:
          selector: {matchLabels: {app.kubernetes.io/name: {{name}}} }
          template:
            metadata: {labels: {app.kubernetes.io/name: {{name}}} }
            spec:
              nodeSelector: {feature.node.kubernetes.io/pci-1ed2.present: "true"}
              containers:
              - name: {{name}}
                image: ghcr.io/furiosa-ai/published:0.1.0
                imagePullPolicy: Always
                env: [{name: RUST_LOG, value: info}]
                securityContext: {privileged: true, capabilities: {drop: [ALL]} }
                volumeMounts: [{name: sys, mountPath: /sys}, {name: dev, mountPath: /dev}]
              volumes: [{name: sys, hostPath: {path: /sys} }, {name: dev, hostPath: {path: /dev} }]
        """;
}
