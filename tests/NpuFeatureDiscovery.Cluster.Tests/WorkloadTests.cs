using NpuFeatureDiscovery.Testing;
using static NpuFeatureDiscovery.Cluster.Tests.SampleWorkload;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>samples/workloads on the cluster: as they are for the API server, and with what is on the node as Pods that run.</summary>
[NonParallelizable]
public sealed class WorkloadTests : IAsyncDisposable
{
    private const string Resource = "beta.furiosa.ai/npu";
    private const string Taint = $"{Resource}=exclusive:NoSchedule";
    private const string Asked = $"        cpu: \"4\"\n        memory: 8Gi\n        {Resource}: \"1\"";
    private const int Deadline = 180_000;

    private static readonly string[] Selecting = ["npu-of-product", "npu-of-family", "npu-with-driver"];
    private static readonly string[] RunPods = ["npu-pod", "npu-tolerant", .. Selecting];

    private readonly List<IDisposable> _started = [];
    private bool _isTainted;

    private static string[] Files => SampleWorkloads.Files;

    private static IEnumerable<string> JenkinsPods => SampleWorkloads.PodsOfJenkinsfile.Keys;

    [SetUp]
    public void SetUp() => Cluster.Require();

    public async ValueTask DisposeAsync()
    {
        if (_isTainted)
            await Cluster.KubectlAsync(["taint", "nodes", Cluster.Node, $"{Taint}-"], CancellationToken.None);
        if (_started.Count > 0)
        {
            await NodeLabels.RemoveAsync(CancellationToken.None);
            await Cluster.KubectlAsync(
                ["delete", "pods", "--now", "--ignore-not-found", .. RunPods], CancellationToken.None);
        }

        _started.Reverse();
        foreach (var started in _started)
            started.Dispose();
    }

    [TestCaseSource(nameof(Files))]
    [CancelAfter(Deadline)]
    public async Task The_API_server_takes_every_object_of(string file, CancellationToken token)
    {
        var text = SampleWorkloads.Read(file);
        if (file == "cronjob.yaml")
            text = Replaced(text, "apiVersion: batch/v1\n", "apiVersion: batch/v1beta1\n");

        await DryRunAsync(text, token);
    }

    [TestCaseSource(nameof(JenkinsPods))]
    [CancelAfter(Deadline)]
    public Task The_API_server_takes_with_a_name_what_Jenkins_runs(string pod, CancellationToken token) => DryRunAsync(
        Replaced(SampleWorkloads.PodsOfJenkinsfile[pod], "kind: Pod\n", "kind: Pod\nmetadata: {name: jenkins}\n"), token);

    [TestCase("limits:", "annotations:", "unknown field \"annotations\"")]
    [TestCase($"limits:\n{Asked}", "limits: {}", "Limit must be set for non overcommitable resources")]
    [TestCase($"requests:\n{Asked}", $"requests: {{{Resource}: \"2\"}}", "must be equal to beta.furiosa.ai/npu limit")]
    [TestCase($"{Resource}: \"1\"", $"{Resource}: \"0.5\"", "must be an integer")]
    [CancelAfter(Deadline)]
    public void It_refuses_what_breaks_the_rules(string right, string wrong, string error, CancellationToken token) => Assert.That(
        () => DryRunAsync(Replaced(SampleWorkloads.Read("pod.yaml"), right, wrong), token),
        Throws.InvalidOperationException.With.Message.Contains(error));

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_Pod_of_the_README_has_an_NPU_and_is_told_which(CancellationToken token)
    {
        await OfferAsync(token);

        await Cluster.ApplyAsync(OnTheNode("pod.yaml"), token);
        await RunsAsync("npu-pod", token);

        var command = SampleWorkloads.Read("README.md").Split('\n').Single(line => line.StartsWith("kubectl exec "));
        Assert.That(await Cluster.ShellAsync("bash", ["-c", command], "", token), Is.EqualTo("npu0pe0-1\n"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Pods_that_select_a_node_wait_for_its_labels(CancellationToken token)
    {
        var host = await OfferAsync(token, cards: Selecting.Length);
        foreach (var file in Files.Where(file => file.StartsWith("select-by-")))
            await Cluster.ApplyAsync(OnTheNode(file), token);
        foreach (var name in Selecting)
            await UntilUnscheduledAsync(name, "didn't match Pod's node affinity", token);

        await NodeLabels.RunAsync(token, "--oneshot", "--root", host.Root);

        foreach (var name in Selecting)
            await RunsAsync(name, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Only_a_Pod_that_tolerates_the_taint_runs_on_a_node_that_is_kept(CancellationToken token)
    {
        await OfferAsync(token);
        Assert.That(SampleWorkloads.Read("taint-and-toleration.yaml"), Does.Contain($"kubectl taint nodes npu-server {Taint}\n"));
        await Cluster.KubectlAsync(["taint", "nodes", Cluster.Node, Taint], token);
        _isTainted = true;

        await Cluster.ApplyAsync(OnTheNode("pod.yaml"), token);
        await UntilUnscheduledAsync("npu-pod", $"had taint {{{Resource}: exclusive}}", token);

        await Cluster.ApplyAsync(OnTheNode("taint-and-toleration.yaml"), token);
        await RunsAsync("npu-tolerant", token);
    }

    /// <summary>Makes the node offer NPUs.</summary>
    private async Task<NpuHost> OfferAsync(CancellationToken token, int cards = 1)
    {
        var host = await NpuHost.CreateAsync(cards, token);
        _started.Add(host);
        var plugin = new Daemon("device-plugin", "--root", host.Root);
        _started.Add(plugin);
        await plugin.WaitForAsync("the kubelet watches the devices", token);
        await Cluster.UntilAsync(() => Cluster.CountAsync(Resource, token), counts => counts == ($"{cards}", $"{cards}"), token);
        return host;
    }

    private static Task<string> UntilUnscheduledAsync(string pod, string why, CancellationToken token) => Cluster.UntilAsync(
        () => Cluster.KubectlAsync(["get", "pod", pod, "-o", "jsonpath={.status.conditions[*].message}"], token),
        message => message.Contains(why), token);

    private static Task<string> RunsAsync(string pod, CancellationToken token) =>
        Cluster.KubectlAsync(["wait", "--for=condition=Ready", $"pod/{pod}", "--timeout=120s"], token);

    private static Task<string> DryRunAsync(string yaml, CancellationToken token) =>
        Cluster.ShellAsync("kubectl", ["apply", "--dry-run=server", "-f", "-"], yaml, token);
}
