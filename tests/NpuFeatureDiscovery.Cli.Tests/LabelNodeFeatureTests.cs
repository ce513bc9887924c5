using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary><c>label</c> beside an API server that serves NodeFeature objects.</summary>
[CancelAfter(60_000)]
public sealed class LabelNodeFeatureTests : IAsyncDisposable
{
    private const string Feature = "NodeFeature 'test/npu-feature-discovery-for-node-1'";

    private static readonly ApiRule WriteFeatures = new("nfd.k8s-sigs.io", "nodefeatures", "create", "patch", "delete");

    private readonly HostTree _host = new();
    private readonly TemporaryFolder _features = new();
    private FakeKubernetesApi _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await FakeKubernetesApi.StartAsync(TestContext.CurrentContext.CancellationToken);
        await _server.AddNodeFeaturesAsync();
        using var admin = new KubernetesClient(_server.Admin, TimeProvider.System);
        await admin.ApplyAsync(
            KubernetesResource.Nodes.Named(_server.NewNodeName()), [], "setup", false,
            TestContext.CurrentContext.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _features.Dispose();
        _host.Dispose();
    }

    [Test]
    public async Task It_publishes_an_object_tells_how_it_would_change_and_removes_it()
    {
        Assert.That(await LabelAsync([WriteFeatures], "--output", "node-feature", "--oneshot"), Is.EqualTo(new ProgramResult(0, "", "")));
        _host.AddRngd(0);

        var difference = await LabelAsync([WriteFeatures], "--output", "node-feature", "--dry-run");
        var cleanup = await LabelAsync([WriteFeatures], "--output", "node-feature", "--cleanup");
        var again = await LabelAsync([WriteFeatures], "--output", "node-feature", "--cleanup");

        Assert.That(difference.Output, Does.Contain("- beta.furiosa.ai/npu.count=0\n+ beta.furiosa.ai/npu.count=1\n"));
        Assert.That(cleanup, Is.EqualTo(new ProgramResult(0, $"{Feature}: removed\n", "")));
        Assert.That(again, Is.EqualTo(new ProgramResult(0, $"{Feature}: nothing to remove\n", "")));
    }

    [Test]
    public async Task A_cleanup_of_all_leaves_out_what_the_account_could_never_have_written()
    {
        await LabelAsync([ApiRule.PatchNodes], "--oneshot");

        var result = await LabelAsync([ApiRule.PatchNodes], "--cleanup");

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Does.Contain($"{Feature}: nothing to remove\n").And.Contain("Node 'node-1': removed\n"));
    }

    [Test]
    public async Task A_cleanup_that_may_not_remove_what_is_there_says_which_right_is_missing()
    {
        await LabelAsync([WriteFeatures], "--output", "node-feature", "--oneshot");

        var result = await LabelAsync([ApiRule.PatchNodes, new ApiRule("nfd.k8s-sigs.io", "nodefeatures", "patch")], "--cleanup");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("resources: [\"nodefeatures\"], verbs: [\"delete\"]"));
    }

    [Test]
    public async Task An_explicit_cleanup_by_an_account_without_rights_is_exit_code_1()
    {
        var result = await LabelAsync([ApiRule.PatchNodes], "--output", "node-feature", "--cleanup");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("verbs: [\"delete\"]"));
    }

    private async Task<ProgramResult> LabelAsync(ApiRule[] rules, params string[] args)
    {
        var kubeconfig = (await _server.AddAccountAsync(rules)).Source.Split(" of ")[1];
        return await CommandLine.RunInAsync(
            new() { ["KUBECONFIG"] = kubeconfig, ["NODE_NAME"] = "node-1" },
            ["label", "--root", _host.Path, "--log-level", "error", .. OwnFeatures.In(_features.Path, args)]);
    }
}
