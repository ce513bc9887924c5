using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary><c>doctor</c> on the cluster's node: what a real API server, scheduler and kubelet tell it.</summary>
public sealed class DoctorTests : NodeTest
{
    private const string Count = "beta.furiosa.ai/npu.count";

    private readonly TemporaryFolder _features = new();
    private RealKubernetesApi? _server;

    [OneTimeTearDown]
    public static async Task RemoveNodeFeaturesAsync()
    {
        if (RealKubernetesApi.Missing is null)
            await RealKubernetesApi.RemoveNodeFeaturesAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task CleanUpAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(Deadline));
        await NodeLabels.RemoveAsync(deadline.Token);
        await Cluster.KubectlAsync(["label", "node", Cluster.Node, $"{Count}-"], deadline.Token);
        await Cluster.KubectlAsync(["annotate", "node", Cluster.Node, "nfd.node.kubernetes.io/feature-labels-"], deadline.Token);
        if (_server is not null)
            await _server.DisposeAsync();
        _features.Dispose();
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_node_that_all_goes_well_on_has_good_lines_alone(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        await PluginAsync(host, token);
        await PublishAsync(host, token);
        var running = await RunPodAsync(token);

        var lines = await UntilAsync(host, lines => Of(lines, "requests").Length > 0, token);

        Assert.That(running.Pod, Is.Not.Null);
        Assert.That(Of(lines, "api-server").Single(), Does.Match("^ok: https://127.0.0.1:?[0-9]*/ answers, Kubernetes v1.20.2"));
        Assert.That(Of(lines, "node"), Is.EqualTo(["ok: Node 'node-1' is there, kubelet v1.20.2."]));
        Assert.That(Of(lines, "nfd").Single(), Does.StartWith("ok: No Node Feature Discovery labels Node 'node-1'."));
        Assert.That(Of(lines, "labels"), Is.EqualTo(["ok: All 10 labels are in force on Node 'node-1'."]));
        Assert.That(Of(lines, "resources"), Is.EqualTo(["ok: Node 'node-1' offers 2 beta.furiosa.ai/npu."]));
        Assert.That(Of(lines, "requests"), Is.EqualTo(["ok: Pods on Node 'node-1' ask for 1 beta.furiosa.ai/npu."]));
        Assert.That(Of(lines, "pending-pods"), Is.EqualTo(["ok: No Pod waits for NPUs."]));
        Assert.That(Of(lines, "rights").Concat(Of(lines, "other-writers")), Is.Empty);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_label_that_kubectl_changed_is_a_problem_with_its_name(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);
        await PublishAsync(host, token);
        await Cluster.KubectlAsync(["label", "--overwrite", "node", Cluster.Node, $"{Count}=7"], token);

        var lines = await DoctorAsync(host, token);

        Assert.That(Of(lines, "labels").Single(), Does.StartWith(
            $"problem: Node 'node-1' has other values of 1 label: {Count} is '7', not '1'. | The field manager 'kubectl-label' has set them."));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_plugin_that_is_gone_is_a_problem(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        var plugin = await PluginAsync(host, token);
        await OffersAsync(capacity: 2, allocatable: 2, token);
        await plugin.EndAsync("KILL", token);
        await OffersAsync(capacity: 2, allocatable: 0, token);

        var lines = await DoctorAsync(host, token);

        Assert.That(Of(lines, "resources").Single(), Does.StartWith("problem: Pods can have 0 of 2 beta.furiosa.ai/npu. | The device plugin is gone"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_Pod_that_waits_is_told_with_the_schedulers_words_and_ours(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        await PluginAsync(host, token);
        await RunPodAsync(token);
        await (await NpuPod.CreateAsync("waiting", npus: 2, token)).UntilUnschedulableAsync(token);

        var lines = await DoctorAsync(host, token);

        Assert.That(Of(lines, "pending-pods").Single(), Does.StartWith(
            "warning: Pod 'default/waiting' waits for 2 beta.furiosa.ai/npu. | It asks for 2 beta.furiosa.ai/npu, and Node 'node-1' has 1 free of 2. "
            + "The scheduler: Unschedulable: 0/1 nodes are available: 1 Insufficient beta.furiosa.ai/npu."));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task An_account_without_rights_is_told_which_it_needs(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);
        _server = await RealKubernetesApi.StartAsync(token);
        await _server.AddNodeFeaturesAsync();

        var lines = await DoctorAsync(host, token, await AccountAsync());

        Assert.That(Of(lines, "api-server").Single(), Does.StartWith("ok: "));
        Assert.That(Of(lines, "rights").Single(), Does.Contain("may not get nodes, list nodefeatures, list pods.")
            .And.Contain("- apiGroups: [\"\"], resources: [\"pods\"], verbs: [\"list\"]"));
        Assert.That(Of(lines, "labels").Concat(Of(lines, "resources")), Is.Empty);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_rights_that_it_asks_for_are_those_that_it_needs(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);
        _server = await RealKubernetesApi.StartAsync(token);
        await _server.AddNodeFeaturesAsync();
        await PublishAsync(host, token);

        var lines = await DoctorAsync(host, token, await AccountAsync(
            new("", "nodes", "get"), new("", "pods", "list"), new("nfd.k8s-sigs.io", "nodefeatures", "list")));

        Assert.That(Of(lines, "rights"), Is.Empty);
        Assert.That(Of(lines, "labels"), Is.EqualTo(["ok: All 10 labels are in force on Node 'node-1'."]));
        Assert.That(Of(lines, "pending-pods"), Is.EqualTo(["ok: No Pod waits for NPUs."]));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_agents_own_account_sees_the_Node_by_a_dry_run_that_changes_nothing(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);
        _server = await RealKubernetesApi.StartAsync(token);
        await PublishAsync(host, token);
        var before = await MetadataAsync(token);

        var lines = await DoctorAsync(host, token, await AccountAsync(ApiRule.PatchNodes));

        Assert.That(Of(lines, "labels"), Is.EqualTo(["ok: All 10 labels are in force on Node 'node-1'."]));
        Assert.That(Of(lines, "rights").Single(), Does.Contain(" may not ").And.Contain("list pods."));
        Assert.That(await MetadataAsync(token), Is.EqualTo(before));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_Node_of_another_name_is_a_problem_with_the_right_one(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);

        var lines = await DoctorAsync(host, token, node: "node-1.example.com");

        Assert.That(Of(lines, "node").Single(), Does.StartWith("problem: There is no Node 'node-1.example.com'").And.Contain("| There is 'node-1'."));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_namespace_that_NFD_denies_is_seen_by_its_workers_object(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);
        _server = await RealKubernetesApi.StartAsync(token);
        await _server.AddNodeFeaturesAsync();
        var published = await TheProgram.RunAsync(
            token, "label", "--oneshot", "--output", "file", "--root", host.Root, "--features-dir", _features.Path);
        Assert.That(published.ExitCode, Is.Zero, published.Error);
        File.SetUnixFileMode(_features.Path, (UnixFileMode)Convert.ToInt32("755", 8));
        File.SetLastWriteTimeUtc(_features.At("npu-feature-discovery"), DateTime.UtcNow.AddHours(-1));
        await Cluster.KubectlAsync(
            ["annotate", "node", Cluster.Node, "nfd.node.kubernetes.io/feature-labels=pci-1ed2.present"], token);
        await Cluster.ApplyAsync($$"""
            apiVersion: nfd.k8s-sigs.io/v1alpha1
            kind: NodeFeature
            metadata:
              name: {{Cluster.Node}}
              namespace: {{_server.TestNamespace}}
              labels: {nfd.node.kubernetes.io/node-name: {{Cluster.Node}} }
              annotations: {nfd.node.kubernetes.io/worker.version: v0.18.3}
            spec:
              labels:
            {{string.Join('\n', File.ReadAllLines(_features.At("npu-feature-discovery")).Select(line => $"    {line.Replace("=", ": \"")}\""))}}
            """, token);

        var lines = await DoctorAsync(host, token);

        Assert.That(Of(lines, "nfd").Single(), Does.StartWith("ok: NFD v0.18.3 labels Node 'node-1'."));
        Assert.That(Of(lines, "nfd-feature-file"), Is.EqualTo(["ok: NFD v0.18.3 makes 10 labels of 'npu-feature-discovery'."]));
        Assert.That(Of(lines, "labels").Single(), Does.StartWith("problem: Node 'node-1' lacks 10 labels of 10:")
            .And.Contain("its nfd-master seems to deny it"));
    }

    private static Task PublishAsync(NpuHost host, CancellationToken token) =>
        NodeLabels.RunAsync(token, "--oneshot", "--root", host.Root);

    private async Task<string> AccountAsync(params ApiRule[] rules) => (await _server!.AddAccountAsync(rules)).Source.Split(" of ")[1];

    /// <summary>What of a Node is not the kubelet's.</summary>
    private static async Task<string> MetadataAsync(CancellationToken token)
    {
        var node = JsonNode.Parse(await Cluster.KubectlAsync(["get", "--raw", $"/api/v1/nodes/{Cluster.Node}"], token))!;
        var managers = node["metadata"]!["managedFields"]!.AsArray().Select(entry => (string)entry!["manager"]!);
        return $"{node["metadata"]!["labels"]} {node["metadata"]!["annotations"]} {string.Join(',', managers)}";
    }

    private async Task<string[]> UntilAsync(NpuHost host, Func<string[], bool> isEnough, CancellationToken token) =>
        await Cluster.UntilAsync(() => DoctorAsync(host, token), isEnough, token);

    /// <summary>What it finds: <c>check: level: what | why -> remedy</c>.</summary>
    private async Task<string[]> DoctorAsync(NpuHost host, CancellationToken token, string? kubeconfig = null, string node = Cluster.Node)
    {
        var result = await TheProgram.RunInAsync(
            kubeconfig ?? Environment.GetEnvironmentVariable("KUBECONFIG")!, token,
            "doctor", "--output", "json", "--root", host.Root, "--node-name", node, "--features-dir", _features.Path);
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")).Or.EqualTo((1, "")));

        return
        [
            .. JsonNode.Parse(result.Output)!["findings"]!.AsArray().Select(finding =>
                $"{finding!["check"]}: {finding["level"]}: {finding["what"]}{(finding["why"] is { } why ? $" | {why}" : "")}"
                + (finding["remedy"] is { } remedy ? $" -> {remedy}" : "")),
        ];
    }

    private static string[] Of(string[] lines, string check) =>
        [.. lines.Where(line => line.StartsWith($"{check}: ")).Select(line => line[(check.Length + 2)..])];
}
