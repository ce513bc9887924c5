using System.Net;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary><c>label</c> beside an API server, a fake one and a real one where there is one, by an account that may only patch Nodes.</summary>
[TestFixture("fake")]
[TestFixture("real", Category = "Cluster")]
[CancelAfter(120_000)]
public sealed class LabelApiTests(string kind) : IAsyncDisposable
{
    private const string Count = "beta.furiosa.ai/npu.count";

    private readonly HostTree _host = new();
    private readonly TemporaryFolder _features = new();
    private IKubernetesServer _server = null!;
    private KubernetesClient _admin = null!;
    private KubernetesObjectName _node = null!;
    private string _kubeconfig = null!;

    [SetUp]
    public async Task StartAsync()
    {
        if (kind == "real" && RealKubernetesApi.Missing is { } reason)
            Assert.Ignore(reason);

        var token = TestContext.CurrentContext.CancellationToken;
        _server = kind == "fake" ? await FakeKubernetesApi.StartAsync(token) : await RealKubernetesApi.StartAsync(token);
        _admin = new KubernetesClient(_server.Admin, TimeProvider.System);
        _node = KubernetesResource.Nodes.Named(_server.NewNodeName());
        await TestNode.CreateAsync(_admin, _node, token);
        _kubeconfig = (await _server.AddAccountAsync(ApiRule.PatchNodes)).Source.Split(" of ")[1];
    }

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _features.Dispose();
        _host.Dispose();
    }

    [Test]
    public async Task The_Node_is_labelled_and_what_is_no_longer_wanted_goes(CancellationToken token)
    {
        var first = await LabelAsync("--output", "node", "--oneshot", "--label", "example.com/a=b");
        Assert.That((first.ExitCode, first.Error), Is.EqualTo((0, "")));
        Assert.That(await LabelsAsync(token), Does.Contain($"{Count}=0").And.Contain("example.com/a=b"));

        await LabelAsync("--output", "node", "--oneshot");
        Assert.That(await LabelsAsync(token), Does.Contain($"{Count}=0").And.Not.Contain("example.com/a=b"));
    }

    [Test]
    public async Task By_default_it_finds_out_that_the_Node_itself_is_to_be_labelled(CancellationToken token)
    {
        await LabelAsync("--oneshot");

        Assert.That(await LabelsAsync(token), Does.Contain($"{Count}=0"));
        Assert.That(Directory.GetFileSystemEntries(_features.Path), Is.Empty);
    }

    [Test]
    public async Task A_conflict_is_exit_code_1_with_the_name_of_the_manager_and_can_be_forced(CancellationToken token)
    {
        await _admin.MergePatchAsync(_node, Labels((Count, "7")), "somebody", token);

        var refused = await LabelAsync("--output", "node", "--oneshot");
        Assert.That(refused.ExitCode, Is.EqualTo(1));
        Assert.That(refused.Error, Does.Contain("'somebody'").And.Contain("--force-conflicts"));

        Assert.That((await LabelAsync("--output", "node", "--oneshot", "--force-conflicts")).ExitCode, Is.Zero);
        Assert.That(await LabelsAsync(token), Does.Contain($"{Count}=0"));
    }

    [Test]
    public async Task A_dry_run_tells_how_the_Node_would_change_and_changes_nothing(CancellationToken token)
    {
        await LabelAsync("--oneshot");
        _host.AddWarboy(0);

        var result = await LabelAsync("--dry-run");

        Assert.That(result.Output, Does.Contain($"- {Count}=0\n+ {Count}=1\n"));
        Assert.That(await LabelsAsync(token), Does.Contain($"{Count}=0"));
    }

    [TestCase("auto")]
    [TestCase("node")]
    public async Task A_cleanup_removes_what_was_published_and_nothing_else(string output, CancellationToken token)
    {
        await _admin.MergePatchAsync(_node, Labels(("example.com/other", "1")), "somebody", token);
        await LabelAsync("--oneshot");

        var result = await LabelAsync("--cleanup", "--output", output);
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Does.Contain($"Node '{_node.Name}': removed"));
        Assert.That(await LabelsAsync(token), Is.EqualTo(["example.com/other=1"]));

        var again = await LabelAsync("--cleanup", "--output", output);
        Assert.That((again.ExitCode, again.Error), Is.EqualTo((0, "")));
        Assert.That(again.Output, Does.Contain($"Node '{_node.Name}': nothing to remove"));
    }

    [Test]
    public async Task The_node_labeller_of_the_SDK_labels_its_Node_by_the_command_line_of_its_DaemonSet(CancellationToken token)
    {
        _host.AddWarboy(0);

        var result = await CommandLine.RunAsInAsync(
            ProgramName.NodeLabeller, new() { ["KUBECONFIG"] = _kubeconfig, ["K8S_NODE_NAME"] = _node.Name, ["RUST_LOG"] = "info" },
            "--interval", "60", "--oneshot", "--root", _host.Path, "--log-level", "error");

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(await LabelsAsync(token), Is.EqualTo(["alpha.furiosa.ai/npu.family=warboy"]));
    }

    [Test]
    public async Task A_daemon_labels_its_Node_and_tells_how_the_labels_stand(CancellationToken token)
    {
        using var daemon = Daemon.StartIn(
            _kubeconfig, "label", "--node-name", _node.Name, "--root", _host.Path, "--features-dir", _features.Path, "--address", "127.0.0.1:0");
        var line = await daemon.WaitForAsync("Serving /metrics", token);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}") };
        await daemon.WaitForAsync("Publishing to Node", token);
        await daemon.WaitForAsync("Published", token);
        _host.AddWarboy(0);
        await daemon.WaitForAsync("Published", token);
        Assert.That(await LabelsAsync(token), Does.Contain($"{Count}=1"));

        Assert.That(await client.GetStringAsync("/readyz", token), Does.StartWith($"[+] labels: Node '{_node.Name}' is in force, written at "));
        Assert.That((await client.GetAsync("/livez", token)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await client.GetStringAsync("/metrics", token), Does.Contain("npu_labels_state{state=\"in_force\"} 1")
            .And.Contain($"npu_labels_publications_total{{result=\"written\",target=\"Node '{_node.Name}'\"}}"));

        Assert.That((await daemon.EndAsync("TERM", token)).ExitCode, Is.Zero);
        Assert.That(await LabelsAsync(token), Does.Contain($"{Count}=1"));
    }

    [Test]
    public async Task A_Node_without_a_name_in_the_cluster_is_exit_code_1_with_what_to_do()
    {
        var result = await CommandLine.RunInAsync(
            new() { ["KUBECONFIG"] = _kubeconfig },
            "--oneshot", "--root", _host.Path, "--features-dir", _features.Path, "--node-name", "no-such-node", "--log-level", "error");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("knows no Node 'no-such-node'").And.Contain("--node-name"));
    }

    private static JsonObject Labels(params IEnumerable<(string Key, string Value)> labels) => new()
    {
        ["metadata"] = new JsonObject { ["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))) },
    };

    private async Task<string[]> LabelsAsync(CancellationToken token) =>
        (await _admin.GetAsync(_node, token)).GetProperty("metadata").TryGetProperty("labels", out var labels)
            ? [.. labels.EnumerateObject().Select(label => $"{label.Name}={label.Value}")]
            : [];

    private Task<ProgramResult> LabelAsync(params string[] args) => CommandLine.RunInAsync(
        new() { ["KUBECONFIG"] = _kubeconfig, ["NODE_NAME"] = _node.Name },
        ["label", "--root", _host.Path, "--log-level", "error", .. OwnFeatures.In(_features.Path, args)]);
}
