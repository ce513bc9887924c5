using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>Against the fake API server, and against a real one where there is one, with the rights that are documented.</summary>
[TestFixture("fake")]
[TestFixture("real", Category = "Cluster")]
[CancelAfter(60_000)]
public sealed class AutoSinkTests(string kind) : IAsyncDisposable
{
    private const string Count = "beta.furiosa.ai/npu.count";
    private const string Family = "beta.furiosa.ai/npu.family";

    private static readonly ApiRule WriteFeatures = new("nfd.k8s-sigs.io", "nodefeatures", "create", "patch", "delete");
    private static readonly LabelSet Two = Labelling.Set($"{Count}=2", $"{Family}=warboy");

    private readonly ManualTimeProvider _time = new();
    private readonly TemporaryFolder _features = new();
    private readonly LogSink _log = new();
    private readonly List<KubernetesClient> _clients = [];
    private IKubernetesServer _server = null!;
    private OnTheNode _node = null!;

    [SetUp]
    public async Task StartAsync()
    {
        var token = TestContext.CurrentContext.CancellationToken;
        _server = await ClusterSetUp.StartAsync(kind, token);
        _node = await OnTheNode.CreateAsync(_server, token);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        _node?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _features.Dispose();
        _log.Dispose();
    }

    [Test]
    public async Task Without_NFD_the_Node_itself_is_labelled_and_the_reason_logged_once(CancellationToken token)
    {
        var sink = await SinkAsync(ApiRule.PatchNodes);

        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Written));
        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Unchanged));

        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2", $"{Family}=warboy"]));
        Assert.That(_log.Messages(LogLevel.Information), Is.EqualTo([$"Publishing to Node '{_node.Name}': no Node Feature Discovery is seen on this Node"]));
        Assert.That((sink.Target, sink.Publication!.State), Is.EqualTo(($"Node '{_node.Name}'", LabelPublicationState.InForce)));
    }

    [Test]
    public async Task Where_NFD_labels_the_Node_without_NodeFeature_objects_there_is_a_feature_file(CancellationToken token)
    {
        await _node.AdoptByNfdAsync("feature.node.kubernetes.io/cpu=x");
        var sink = await SinkAsync(ApiRule.PatchNodes);

        await sink.PublishAsync(Two, token);
        Assert.That(File.ReadAllText(FilePath), Is.EqualTo($"{Count}=2\n{Family}=warboy\n"));
        Assert.That(await _node.LabelsAsync(), Is.EqualTo(["feature.node.kubernetes.io/cpu=x"]));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Pending));

        await _node.AdoptByNfdAsync($"{Count}=2", $"{Family}=warboy");
        await sink.PublishAsync(Two, token);
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.InForce));
    }

    [TestCase("v0.14.1", "NodeFeature")]
    [TestCase("v0.18.3-dirty", "NodeFeature")]
    [TestCase("devel", "NodeFeature")]
    [TestCase("v0.13.6", "/")]
    public async Task The_object_of_nfd_worker_tells_whether_NodeFeature_objects_are_read(string version, string target, CancellationToken token)
    {
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        await _node.AddNfdWorkerAsync(_server.TestNamespace, version);
        await _node.AdoptByNfdAsync("feature.node.kubernetes.io/cpu=x");
        var sink = await SinkAsync(ApiRule.PatchNodes, WriteFeatures);

        await sink.PublishAsync(Two, token);

        Assert.That(sink.Target, Does.StartWith(target));
        Assert.That(await _node.LabelsAsync(), Is.EqualTo(["feature.node.kubernetes.io/cpu=x"]));
    }

    [Test]
    public async Task Where_NFD_labels_the_Node_and_there_is_no_folder_for_a_file_there_is_a_NodeFeature_object(CancellationToken token)
    {
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        await _node.AdoptByNfdAsync("feature.node.kubernetes.io/cpu=x");
        var sink = await SinkAsync(_features.At("missing"), ApiRule.PatchNodes, WriteFeatures);

        await sink.PublishAsync(Two, token);

        Assert.That(sink.Target, Does.StartWith("NodeFeature"));
    }

    [Test]
    public async Task An_account_that_may_write_to_neither_leaves_the_feature_file(CancellationToken token)
    {
        var sink = await SinkAsync(new ApiRule("", "pods", "get"));

        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Written));

        Assert.That(sink.Target, Is.EqualTo(FilePath));
        Assert.That(sink.Publication, Is.Null, "nobody can tell");
        Assert.That(_log.Messages(LogLevel.Information).Single(), Does.Contain("refuses Node and NodeFeature").And.Contain("verbs: [\"patch\"]"));
    }

    [Test]
    public async Task An_account_that_may_write_NodeFeature_objects_alone_does_so(CancellationToken token)
    {
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        var sink = await SinkAsync(WriteFeatures);

        await sink.PublishAsync(Two, token);

        Assert.That(sink.Target, Does.StartWith("NodeFeature"));
    }

    [Test]
    public async Task When_NFD_comes_the_Node_keeps_its_labels_until_NFD_has_adopted_them(CancellationToken token)
    {
        var sink = await SinkAsync(ApiRule.PatchNodes);
        await sink.PublishAsync(Two, token);

        await _node.AdoptByNfdAsync("feature.node.kubernetes.io/cpu=x");
        _time.Advance(TimeSpan.FromMinutes(12));
        await sink.PublishAsync(Two, token);
        Assert.That(sink.Target, Is.EqualTo(FilePath));
        Assert.That(await _node.HoldersOfAsync(Count), Is.EqualTo(["npu-feature-discovery"]));

        await _node.AdoptByNfdAsync(Count);
        await sink.PublishAsync(Two, token);
        Assert.That(await _node.HoldersOfAsync(Count), Is.Empty);
        Assert.That(await _node.HoldersOfAsync(Family), Is.EqualTo(["npu-feature-discovery"]));

        await _node.AdoptByNfdAsync(Count, Family);
        await sink.PublishAsync(Two, token);
        Assert.That(await _node.HoldersOfAsync(Family), Is.Empty);
        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2", $"{Family}=warboy", "feature.node.kubernetes.io/cpu=x"]));
        Assert.That(_log.Messages(LogLevel.Information).Last(), Is.EqualTo(
            $"Moving from Node '{_node.Name}' to {FilePath}: Node Feature Discovery labels this Node, and no NodeFeature object of its worker is seen"));
    }

    [Test]
    public async Task When_NFD_goes_the_Node_is_labelled_and_then_the_NodeFeature_object_removed(CancellationToken token)
    {
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        await _node.AddNfdWorkerAsync(_server.TestNamespace, "v0.18.3");
        await _node.AdoptByNfdAsync($"{Count}=2", $"{Family}=warboy");
        var sink = await SinkAsync(ApiRule.PatchNodes, WriteFeatures);
        await sink.PublishAsync(Two, token);
        Assert.That(sink.Target, Does.StartWith("NodeFeature"));

        await _node.RemoveNfdWorkerAsync(_server.TestNamespace);
        await _node.RemoveNfdAsync(Count, Family);
        _time.Advance(TimeSpan.FromMinutes(12));
        await sink.PublishAsync(Two, token);

        Assert.That(sink.Target, Is.EqualTo($"Node '{_node.Name}'"));
        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2", $"{Family}=warboy"]));
        Assert.That(_log.Messages(LogLevel.Information).Last(), Does.StartWith("Took away NodeFeature"));
    }

    [Test]
    public async Task A_NodeFeature_object_that_a_feature_file_replaces_has_to_wait_until_NFD_has_read_the_file(CancellationToken token)
    {
        await ClusterSetUp.AddNodeFeaturesAsync(_server);
        await _node.AddNfdWorkerAsync(_server.TestNamespace, "v0.18.3");
        await _node.AdoptByNfdAsync($"{Count}=2", $"{Family}=warboy");
        await (await SinkAsync(ApiRule.PatchNodes, WriteFeatures)).PublishAsync(Two, token);
        await _node.RemoveNfdWorkerAsync(_server.TestNamespace);

        var sink = await SinkAsync(ApiRule.PatchNodes, WriteFeatures);
        await sink.PublishAsync(Two, token);
        Assert.That(sink.Target, Is.EqualTo(FilePath));
        Assert.That(_log.Messages(), Has.None.StartsWith("Took away"));

        _time.Advance(TimeSpan.FromMinutes(3));
        await sink.PublishAsync(Two, token);
        Assert.That(_log.Messages(LogLevel.Information).Last(), Does.StartWith("Took away NodeFeature"));
    }

    [Test]
    public async Task A_feature_file_of_an_earlier_run_is_removed_when_the_Node_has_its_labels(CancellationToken token)
    {
        await new FeatureFileSink(new FeatureFileOptions { FeaturesDirectory = _features.Path }).PublishAsync(Two, token);

        await (await SinkAsync(ApiRule.PatchNodes)).PublishAsync(Two, token);

        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2", $"{Family}=warboy"]));
        Assert.That(File.Exists(FilePath), Is.False);
    }

    [Test]
    public async Task A_Node_that_the_cluster_does_not_know_is_an_error_and_no_reason_for_a_file(CancellationToken token)
    {
        await _node.DeleteAsync();

        Assert.That(async () => await (await SinkAsync(ApiRule.PatchNodes)).PublishAsync(Two, token),
            Throws.TypeOf<LabelPublishException>().With.Message.Contains($"knows no Node '{_node.Name}'"));
        Assert.That(File.Exists(FilePath), Is.False);
    }

    private string FilePath => _features.At("npu-feature-discovery");

    private Task<AutoSink> SinkAsync(params ApiRule[] rules) => SinkAsync(_features.Path, rules);

    private async Task<AutoSink> SinkAsync(string folder, params ApiRule[] rules)
    {
        var client = new KubernetesClient(await _server.AddAccountAsync(rules), TimeProvider.System);
        _clients.Add(client);
        return new AutoSink(
            new FeatureFileOptions { FeaturesDirectory = folder }, new NodeFeatureSinkOptions { NodeName = _node.Name, Namespace = _server.TestNamespace }, client,
            _log.CreateLogger<AutoSink>(), _time);
    }
}
