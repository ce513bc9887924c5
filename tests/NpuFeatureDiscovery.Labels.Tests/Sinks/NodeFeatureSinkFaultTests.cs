using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

[CancelAfter(30_000)]
public sealed class NodeFeatureSinkFaultTests : IAsyncDisposable
{
    private static readonly LabelSet Labels = Labelling.Set("example.com/a=1");

    private readonly ManualTimeProvider _time = new();
    private FakeKubernetesApi _server = null!;
    private OnTheNode _node = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await FakeKubernetesApi.StartAsync(TestContext.CurrentContext.CancellationToken);
        _node = await OnTheNode.CreateAsync(_server, TestContext.CurrentContext.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _node.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Where_NFD_is_not_installed_that_is_said_with_the_other_ways(CancellationToken token)
    {
        var sink = Sink(new NodeFeatureSinkOptions { NodeName = _node.Name });

        Assert.That(async () => await sink.PublishAsync(Labels, token), Throws.TypeOf<LabelPublishException>()
            .With.Message.Contains("does not serve nfd.k8s-sigs.io/v1alpha1").And.Message.Contains("Label the Node itself"));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Refused));
        Assert.That(await sink.PublishAsync(LabelSet.Empty, token), Is.EqualTo(PublishResult.Unchanged));
    }

    [Test]
    public async Task The_DaemonSet_of_our_pod_owns_the_object_and_blocks_nothing(CancellationToken token)
    {
        await _server.AddNodeFeaturesAsync();
        await MakePodAsync("DaemonSet", token);

        await Sink(new NodeFeatureSinkOptions { NodeName = _node.Name, PodName = "agent-x1" }).PublishAsync(Labels, token);

        Assert.That((await ReadAsync(token)).GetProperty("metadata").GetProperty("ownerReferences").GetRawText(), Is.EqualTo(
            """[{"apiVersion":"apps/v1","kind":"DaemonSet","name":"agent","uid":"1-2","blockOwnerDeletion":false}]"""));
    }

    [TestCase("ReplicaSet")]
    [TestCase(null)]
    public async Task Where_no_DaemonSet_can_be_known_the_object_has_no_owner(string? owner, CancellationToken token)
    {
        await _server.AddNodeFeaturesAsync();
        if (owner is not null)
            await MakePodAsync(owner, token);

        await Sink(new NodeFeatureSinkOptions { NodeName = _node.Name, PodName = "agent-x1" }).PublishAsync(Labels, token);

        Assert.That((await ReadAsync(token)).GetProperty("metadata").TryGetProperty("ownerReferences", out _), Is.False);
    }

    [Test]
    public async Task At_rest_nothing_is_asked_until_the_resync(CancellationToken token)
    {
        await _server.AddNodeFeaturesAsync();
        await _node.AdoptByNfdAsync("example.com/a=1");
        var sink = Sink(new NodeFeatureSinkOptions { NodeName = _node.Name });
        await sink.PublishAsync(Labels, token);
        var requests = _server.Requests.Count;

        await sink.PublishAsync(Labels, token);
        Assert.That(_server.Requests.Count, Is.EqualTo(requests));

        _time.Advance(TimeSpan.FromMinutes(12));
        await sink.PublishAsync(Labels, token);
        Assert.That(_server.Requests.Skip(requests).Select(request => request.ContentType), Is.All.EqualTo("application/merge-patch+json"));
    }

    [Test]
    public void A_Node_whose_name_is_no_label_value_cannot_have_features() => Assert.That(
        () => Sink(new NodeFeatureSinkOptions { NodeName = new string('a', 64) }), Throws.ArgumentException.With.Message.Contains("longer than 63"));

    private Task<JsonElement> MakePodAsync(string owner, CancellationToken token) => _node.Admin.ApplyAsync(
        KubernetesResource.Pods.Named("agent-x1", _server.TestNamespace),
        new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["ownerReferences"] = JsonNode.Parse(
                    $$"""[{"apiVersion":"apps/v1","kind":"{{owner}}","name":"agent","uid":"1-2","controller":true,"blockOwnerDeletion":true}]"""),
            },
        }, "test", false, token);

    private Task<JsonElement> ReadAsync(CancellationToken token) => _node.Admin.GetAsync(
        NodeFeatureSink.Resource.Named($"npu-feature-discovery-for-{_node.Name}", _server.TestNamespace), token);

    private NodeFeatureSink Sink(NodeFeatureSinkOptions options) => new(options, _node.Admin, _time);
}
