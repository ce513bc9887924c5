using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>Against the fake API server, and against a real one where there is one, with the rights that are documented.</summary>
[TestFixture("fake")]
[TestFixture("real", Category = "Cluster")]
[CancelAfter(60_000)]
public sealed class NodeFeatureSinkTests(string kind) : IAsyncDisposable
{
    private const string Count = "beta.furiosa.ai/npu.count";

    private static readonly LabelSet One = LabelEngine.Create(Nodes.Of(Nodes.Warboy(0)), new LabelOptions { Profiles = [LabelProfiles.Alpha] });

    private readonly ManualTimeProvider _time = new();
    private IKubernetesServer _server = null!;
    private OnTheNode _node = null!;
    private KubernetesClient _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        var token = TestContext.CurrentContext.CancellationToken;
        _server = await ClusterSetUp.StartAsync(kind, token);
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        _node = await OnTheNode.CreateAsync(_server, token);
        _client = new KubernetesClient(
            await _server.AddAccountAsync(ApiRule.PatchNodes, new ApiRule("nfd.k8s-sigs.io", "nodefeatures", "create", "patch", "delete")),
            TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _node?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task Labels_and_cards_become_an_object_of_the_Node(CancellationToken token)
    {
        var sink = Sink();

        Assert.That(await sink.PublishAsync(One, token), Is.EqualTo(PublishResult.Written));

        var feature = await ReadAsync(token);
        Assert.That(sink.Target, Is.EqualTo($"NodeFeature '{_server.TestNamespace}/npu-feature-discovery-for-{_node.Name}'"));
        Assert.That(feature.GetProperty("metadata").GetProperty("labels").GetRawText(), Is.EqualTo($$"""{"nfd.node.kubernetes.io/node-name":"{{_node.Name}}"}"""));
        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(feature.GetProperty("spec").GetRawText()), JsonNode.Parse("""
            {
              "features": { "instances": { "furiosa.device": { "elements": [ { "attributes": {
                "driver-version": "1.9.2", "family": "warboy", "index": "0", "name": "npu0", "pci-address": "0000:00:00.0", "product": "warboyB0"
              } } ] } } },
              "labels": { "alpha.furiosa.ai/npu.family": "warboy" }
            }
            """)), Is.True, feature.ToString());
    }

    [Test]
    public async Task The_labels_are_pending_until_NFD_has_put_them_on_the_Node(CancellationToken token)
    {
        var sink = Sink();
        await sink.PublishAsync(Labelling.Set($"{Count}=2"), token);
        Assert.That(sink.Publication, Is.EqualTo(new LabelPublication(
            LabelPublicationState.Pending, $"{Count}=2 is not there", _time.GetUtcNow(), _time.GetUtcNow())));

        await _node.AdoptByNfdAsync($"{Count}=2");

        Assert.That(await sink.PublishAsync(Labelling.Set($"{Count}=2"), token), Is.EqualTo(PublishResult.Unchanged));
        Assert.That((sink.Publication!.State, sink.Publication.Reason), Is.EqualTo((LabelPublicationState.InForce, "")));
    }

    [Test]
    public async Task Another_value_is_awaited_for_a_while_and_then_told_with_whose_it_is(CancellationToken token)
    {
        var sink = Sink();
        await _node.AdoptByNfdAsync($"{Count}=1");
        await sink.PublishAsync(Labelling.Set($"{Count}=2"), token);
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Pending));

        _time.Advance(TimeSpan.FromMinutes(3));
        await sink.PublishAsync(Labelling.Set($"{Count}=2"), token);

        Assert.That((sink.Publication.State, sink.Publication.Reason), Is.EqualTo(
            (LabelPublicationState.Overridden, $"{Count} is '1' by Node Feature Discovery, in place of '2'")));
    }

    [Test]
    public async Task What_is_no_longer_wanted_leaves_the_object_and_the_last_label_takes_it_along(CancellationToken token)
    {
        await Sink().PublishAsync(One, token);

        Assert.That(await Sink().PublishAsync(Labelling.Set($"{Count}=2"), token), Is.EqualTo(PublishResult.Written));
        Assert.That((await ReadAsync(token)).GetProperty("spec").GetProperty("labels").GetRawText(), Is.EqualTo($$"""{"{{Count}}":"2"}"""));

        Assert.That(await Sink().PublishAsync(LabelSet.Empty, token), Is.EqualTo(PublishResult.Removed));
        Assert.That(await Sink().PublishAsync(LabelSet.Empty, token), Is.EqualTo(PublishResult.Unchanged));
        Assert.That(() => ReadAsync(token), Throws.TypeOf<KubernetesException>().With.Message.Contains("not found"));
    }

    [Test]
    public async Task An_object_that_is_as_wanted_is_not_written_and_one_that_someone_deleted_is(CancellationToken token)
    {
        await Sink().PublishAsync(One, token);
        var sink = Sink();
        Assert.That(await sink.PublishAsync(One, token), Is.EqualTo(PublishResult.Unchanged));

        await _node.Admin.DeleteAsync(Feature, token);
        _time.Advance(TimeSpan.FromMinutes(12));

        Assert.That(await sink.PublishAsync(One, token), Is.EqualTo(PublishResult.Restored));
        await ReadAsync(token);
    }

    [Test]
    public async Task An_account_without_a_right_is_told_which(CancellationToken token)
    {
        using var client = new KubernetesClient(
            await _server.AddAccountAsync(new ApiRule("nfd.k8s-sigs.io", "nodefeatures", "patch")), TimeProvider.System);

        Assert.That(async () => await Sink(client).PublishAsync(One, token), Throws.TypeOf<LabelPublishException>()
            .With.Message.Contains("may not create it"));
        Assert.That(async () => await Sink(client).PublishAsync(LabelSet.Empty, token), Throws.TypeOf<LabelPublishException>()
            .With.Message.Contains("- apiGroups: [\"nfd.k8s-sigs.io\"], resources: [\"nodefeatures\"], verbs: [\"delete\"]"));
    }

    [Test]
    public async Task Without_the_right_to_see_the_Node_the_object_is_written_and_its_effect_unknown(CancellationToken token)
    {
        using var client = new KubernetesClient(
            await _server.AddAccountAsync(new ApiRule("nfd.k8s-sigs.io", "nodefeatures", "create", "patch")), TimeProvider.System);
        var sink = Sink(client);

        Assert.That(await sink.PublishAsync(One, token), Is.EqualTo(PublishResult.Written));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Unknown));
        Assert.That(sink.Publication.Reason, Does.Contain("resources: [\"nodes\"], verbs: [\"patch\"]"));
    }

    private KubernetesObjectName Feature => NodeFeatureSink.Resource.Named($"npu-feature-discovery-for-{_node.Name}", _server.TestNamespace);

    private Task<JsonElement> ReadAsync(CancellationToken token) => _node.Admin.GetAsync(Feature, token);

    private NodeFeatureSink Sink(KubernetesClient? client = null) =>
        new(new NodeFeatureSinkOptions { NodeName = _node.Name, Namespace = _server.TestNamespace }, client ?? _client, _time);
}
