using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Labels.Tests.Sinks;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Deploy;

/// <summary>The roles are enough, and each of their verbs is needed: by the rules on the fake API server, as they are on a real one.</summary>
[TestFixture("fake")]
[TestFixture("real", Category = "Cluster")]
[CancelAfter(60_000)]
public sealed class RoleTests(string kind) : IAsyncDisposable
{
    private const string Count = "beta.furiosa.ai/npu.count";

    private static readonly LabelSet One = Labelling.Set($"{Count}=1");
    private static readonly LabelSet Two = Labelling.Set($"{Count}=2", "beta.furiosa.ai/npu.family=warboy");

    private readonly List<KubernetesClient> _clients = [];
    private IKubernetesServer _server = null!;
    private OnTheNode _node = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await ClusterSetUp.StartAsync(kind, TestContext.CurrentContext.CancellationToken);
        _node = await OnTheNode.CreateAsync(_server, TestContext.CurrentContext.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();

        _node?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task The_role_of_the_mode_node_is_enough_for_all_that_becomes_of_labels(CancellationToken token)
    {
        var sink = NodeSink(await ClientAsync("label-node", token));

        Assert.That(await sink.PublishAsync(One, token), Is.EqualTo(PublishResult.Written));
        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Written));
        Assert.That((await sink.VerifyAsync(Two, token)).State, Is.EqualTo(LabelPublicationState.InForce));
        await _node.AdoptByNfdAsync(Count);
        Assert.That(await sink.PublishAsync(LabelSet.Empty, token), Is.EqualTo(PublishResult.Removed));

        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2"]));
    }

    [Test]
    public async Task Without_its_verb_nothing_is_written_and_the_rule_to_add_is_told(CancellationToken token)
    {
        var sink = NodeSink(await ClientAsync("label-node", token, without: ("nodes", "patch")));

        Assert.That(async () => await sink.PublishAsync(Two, token), Throws.TypeOf<LabelPublishException>()
            .With.Message.Contains("Add to a role of that account: - apiGroups: [\"\"], resources: [\"nodes\"], verbs: [\"patch\"]."));
        Assert.That(await _node.LabelsAsync(), Is.Empty);
    }

    [TestCase("label-node-feature")]
    [TestCase("label-auto")]
    public async Task The_roles_of_the_other_modes_are_enough_for_all_that_becomes_of_an_object(string component, CancellationToken token)
    {
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        var sink = await NodeFeatureSinkAsync(component, token);

        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Written));
        Assert.That(await OwnersAsync(token), Is.EqualTo(["DaemonSet"]));
        Assert.That(await sink.PublishAsync(One, token), Is.EqualTo(PublishResult.Written));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Pending));
        await _node.AdoptByNfdAsync($"{Count}=1");
        Assert.That((await sink.VerifyAsync(One, token)).State, Is.EqualTo(LabelPublicationState.InForce));
        Assert.That(await sink.PublishAsync(LabelSet.Empty, token), Is.EqualTo(PublishResult.Removed));
    }

    [TestCase("create", "It is not there, and the account may not create it: add the verb create to its role.")]
    [TestCase("patch", "- apiGroups: [\"nfd.k8s-sigs.io\"], resources: [\"nodefeatures\"], verbs: [\"patch\"].")]
    [TestCase("delete", "- apiGroups: [\"nfd.k8s-sigs.io\"], resources: [\"nodefeatures\"], verbs: [\"delete\"].")]
    public async Task Without_a_verb_on_objects_it_is_told_which_to_add(string verb, string remedy, CancellationToken token)
    {
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        var sink = await NodeFeatureSinkAsync("label-auto", token, without: ("nodefeatures", verb));
        if (verb == "delete")
            await sink.PublishAsync(Two, token);

        Assert.That(
            async () => await sink.PublishAsync(verb == "delete" ? LabelSet.Empty : Two, token),
            Throws.TypeOf<LabelPublishException>().With.Message.Contains(remedy));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Refused));
    }

    [Test]
    public async Task Without_the_verb_on_Nodes_the_object_is_written_and_its_effect_unknown(CancellationToken token)
    {
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        var sink = await NodeFeatureSinkAsync("label-node-feature", token, without: ("nodes", "patch"));

        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Written));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Unknown));
        Assert.That(sink.Publication.Reason, Does.Contain("resources: [\"nodes\"], verbs: [\"patch\"]"));
    }

    [Test]
    public async Task Without_the_verb_on_pods_the_object_is_written_and_nobody_its_owner(CancellationToken token)
    {
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        var sink = await NodeFeatureSinkAsync("label-node-feature", token, without: ("pods", "get"));

        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Written));
        Assert.That(await OwnersAsync(token), Is.Empty);
    }

    private async Task<KubernetesClient> ClientAsync(
        string component, CancellationToken token, (string Resource, string Verb)? without = null)
    {
        var manifests = _server is RealKubernetesApi
            ? await Manifests.KustomizeAsync(_server.TestNamespace, $"-{_server.TestNamespace}", token, component)
            : Manifests.Read(component);
        if (without is var (resource, verb))
            manifests = manifests.Without(resource, verb);

        var account = _server is RealKubernetesApi real
            ? await real.AddAccountAsync(manifests.ToYaml())
            : await _server.AddAccountAsync(manifests.Rules);
        var client = new KubernetesClient(account, TimeProvider.System);
        _clients.Add(client);
        return client;
    }

    private NodeSink NodeSink(KubernetesClient client) => new(new NodeSinkOptions { NodeName = _node.Name }, client);

    private async Task<NodeFeatureSink> NodeFeatureSinkAsync(
        string component, CancellationToken token, (string Resource, string Verb)? without = null)
    {
        var options = new NodeFeatureSinkOptions
        {
            NodeName = _node.Name,
            Namespace = _server.TestNamespace,
            PodName = await AddPodAsync(token),
        };
        return new NodeFeatureSink(options, await ClientAsync(component, token, without));
    }

    /// <summary>Makes a pod of a DaemonSet, neither of which runs anywhere.</summary>
    private async Task<string> AddPodAsync(CancellationToken token)
    {
        var pod = new JsonObject
        {
            ["nodeSelector"] = new JsonObject { ["npu-feature-discovery-test"] = "nowhere" },
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "agent", ["image"] = "none" }),
        };
        var uid = Guid.NewGuid().ToString();
        if (_server is RealKubernetesApi)
        {
            // An owner that is not there would take the pod along.
            var labels = new JsonObject { ["app"] = "agent" };
            var daemonSet = await _node.Admin.ApplyAsync(
                new KubernetesResource("apps", "v1", "daemonsets", "DaemonSet").Named("agent", _server.TestNamespace),
                new JsonObject
                {
                    ["spec"] = new JsonObject
                    {
                        ["selector"] = new JsonObject { ["matchLabels"] = labels },
                        ["template"] = new JsonObject
                        {
                            ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                            ["spec"] = pod.DeepClone(),
                        },
                    },
                },
                "setup", false, token);
            uid = daemonSet.GetProperty("metadata").GetProperty("uid").GetString()!;
        }

        var owner = new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "DaemonSet", ["name"] = "agent", ["uid"] = uid };
        await _node.Admin.ApplyAsync(
            KubernetesResource.Pods.Named("agent-1", _server.TestNamespace),
            new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = new JsonArray(owner) }, ["spec"] = pod },
            "setup", false, token);
        return "agent-1";
    }

    private async Task<string?[]> OwnersAsync(CancellationToken token)
    {
        var feature = await _node.Admin.GetAsync(
            NodeFeatureSink.Resource.Named($"npu-feature-discovery-for-{_node.Name}", _server.TestNamespace), token);
        return feature.GetProperty("metadata").TryGetProperty("ownerReferences", out var owners)
            ? [.. owners.EnumerateArray().Select(owner => owner.GetProperty("kind").GetString())]
            : [];
    }
}
