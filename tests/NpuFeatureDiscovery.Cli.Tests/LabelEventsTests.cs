using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary><c>label --events</c> at an API server, a fake one and a real one where there is one.</summary>
[TestFixture("fake")]
[TestFixture("real", Category = "Cluster")]
[CancelAfter(120_000)]
public sealed class LabelEventsTests(string kind) : IAsyncDisposable
{
    private static readonly ApiRule WriteEvents = new("", "events", "create", "patch");

    private readonly HostTree _host = new();
    private IKubernetesServer _server = null!;
    private KubernetesClient _admin = null!;
    private KubernetesObjectName _node = null!;

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
    }

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _host.Dispose();
    }

    [TestCase("label")]
    [TestCase("agent", "--enable", "label", "--address", "127.0.0.1:0")]
    public async Task What_happens_to_cards_and_labels_stands_at_the_Node(params string[] command)
    {
        var token = TestContext.CurrentContext.CancellationToken;
        var card = _host.AddWarboy(0);
        // Somebody else has this one.
        await _admin.MergePatchAsync(_node, new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["beta.furiosa.ai/npu.count"] = "7" } },
        }, "somebody", token);
        using var daemon = await StartDaemonAsync(command, ApiRule.PatchNodes, WriteEvents);

        var refused = await EventAsync(daemon, "LabelRefused", token);
        card.Set("alive", "0\n");
        var died = await EventAsync(daemon, "NPUUnhealthy", token);
        card.Set("alive", "1\n");
        var recovered = await EventAsync(daemon, "NPUHealthy", token);

        Assert.That(refused, Does.StartWith("Warning ").And.Contain("'somebody' has set beta.furiosa.ai/npu.count"));
        Assert.That(died, Does.StartWith("Warning npu0 at 0000:00:00.0 does not work: "));
        Assert.That(recovered, Is.EqualTo("Normal npu0 at 0000:00:00.0 works again."));
        if (_server is RealKubernetesApi)
            Assert.That(
                (await TheProgram.ShellAsync($"KUBECONFIG={Environment.GetEnvironmentVariable("KUBECONFIG")} kubectl describe node {_node.Name}", token)).Output,
                Does.Match("(?s)Events:.*Warning +LabelRefused .*Warning +NPUUnhealthy .*npu-feature-discovery.*Normal +NPUHealthy "));
    }

    [Test]
    public async Task Without_the_right_the_labels_are_published_all_the_same(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        using var daemon = await StartDaemonAsync(["label"], ApiRule.PatchNodes);
        await daemon.WaitForAsync("Published", token);

        card.Set("alive", "0\n");
        var dropped = await daemon.WaitForAsync("Events are dropped", token);
        var (exitCode, log) = await daemon.EndAsync("TERM", token);

        Assert.That(dropped, Does.Contain("resources: [\"events\"], verbs: [\"patch\"]"));
        Assert.That((exitCode, log), Is.EqualTo((0, "")));
    }

    private async Task<Daemon> StartDaemonAsync(string[] command, params ApiRule[] rules)
    {
        var account = (await _server.AddAccountAsync(rules)).Source.Split(" of ")[1];
        return Daemon.StartIn(
            account,
            [.. command, "--output", "node", "--events", "--node-name", _node.Name, "--root", _host.Path, "--log-level", "debug"]);
    }

    /// <summary>Waits for an Event, and reads what it says.</summary>
    private async Task<string> EventAsync(Daemon daemon, string reason, CancellationToken token)
    {
        var line = await daemon.WaitForAsync($": {reason}, 1 times", token);
        var written = await _admin.GetAsync(
            KubernetesResource.Events.Named(line.Split("Wrote Event ")[1].Split(':')[0], "default"), token);
        return $"{written.GetProperty("type").GetString()} {written.GetProperty("message").GetString()}";
    }
}
