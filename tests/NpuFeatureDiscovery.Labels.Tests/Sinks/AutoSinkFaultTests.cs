using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

[CancelAfter(60_000)]
public sealed class AutoSinkFaultTests : IAsyncDisposable
{
    private const string Count = "beta.furiosa.ai/npu.count";
    private const string Account = "the-token";

    /// <summary>So often a call is sent until it is given up.</summary>
    private const int Attempts = 4;

    private static readonly LabelSet Two = Labelling.Set($"{Count}=2");

    private readonly ManualTimeProvider _time = new();
    private readonly TemporaryFolder _features = new();
    private readonly LogSink _log = new();
    private FakeKubernetesApi _server = null!;
    private KubernetesClient _client = null!;
    private OnTheNode _node = null!;
    private AutoSink _sink = null!;

    [SetUp]
    public async Task StartAsync()
    {
        var token = TestContext.CurrentContext.CancellationToken;
        _server = await FakeKubernetesApi.StartAsync(token);
        _node = await OnTheNode.CreateAsync(_server, token);
        _server.AddToken(Account, ApiRule.PatchNodes);
        _client = new KubernetesClient(_server.ConfigurationOf($"token: {Account}"), TimeProvider.System);
        _sink = NewSink();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _node.Dispose();
        await _server.DisposeAsync();
        _features.Dispose();
        _log.Dispose();
    }

    [Test]
    public async Task While_the_API_server_is_away_at_the_start_nothing_is_decided(CancellationToken token)
    {
        GoAway();

        Assert.That(async () => await _sink.PublishAsync(Two, token), Throws.TypeOf<LabelPublishException>()
            .With.Message.Contains("cannot be decided yet").And.Message.Contains("has no answer"));
        Assert.That(_sink.Publication!.State, Is.EqualTo(LabelPublicationState.Unknown));
        Assert.That(Directory.GetFileSystemEntries(_features.Path), Is.Empty);
        Assert.That(_log.Entries, Is.Empty);

        await _sink.PublishAsync(Two, token);
        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2"]));
    }

    [Test]
    public async Task A_feature_file_of_an_earlier_run_is_kept_up_while_the_API_server_is_away(CancellationToken token)
    {
        await NewFile().PublishAsync(Two, token);
        GoAway();

        Assert.That(async () => await _sink.PublishAsync(Labelling.Set($"{Count}=3"), token), Throws.TypeOf<LabelPublishException>());

        Assert.That(await NewFile().ReadPublishedAsync(token), Is.EqualTo([$"{Count}=3"]));
    }

    [Test]
    public async Task What_was_decided_stays_while_the_API_server_is_away(CancellationToken token)
    {
        await _sink.PublishAsync(Two, token);
        _time.Advance(TimeSpan.FromMinutes(12));
        GoAway();

        Assert.That(async () => await _sink.PublishAsync(Two, token), Throws.TypeOf<LabelPublishException>());
        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2"]));
        Assert.That(File.Exists(_features.At("npu-feature-discovery")), Is.False);

        Assert.That(await _sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Unchanged));
        Assert.That(_log.Entries, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_feature_file_is_written_also_while_the_API_server_is_away(CancellationToken token)
    {
        await _node.AdoptByNfdAsync(Count);
        await _sink.PublishAsync(Two, token);
        GoAway();

        Assert.That(await _sink.PublishAsync(Labelling.Set($"{Count}=3"), token), Is.EqualTo(PublishResult.Written));
        Assert.That(_sink.Publication!.State, Is.EqualTo(LabelPublicationState.Unknown));
    }

    [Test]
    public async Task Rights_that_are_taken_lead_to_a_file_and_rights_that_are_given_lead_back(CancellationToken token)
    {
        await _sink.PublishAsync(Two, token);

        _server.AddToken(Account);
        _time.Advance(TimeSpan.FromMinutes(12));
        Assert.That(await _sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Written));
        Assert.That(await NewFile().ReadPublishedAsync(token), Is.EqualTo([$"{Count}=2"]));

        _server.AddToken(Account, ApiRule.PatchNodes);
        _time.Advance(TimeSpan.FromMinutes(8));
        await _sink.PublishAsync(Two, token);
        Assert.That(_sink.Target, Does.Not.StartWith("Node"), "it looks again at the time of a resync");
        _time.Advance(TimeSpan.FromMinutes(4));
        await _sink.PublishAsync(Two, token);

        Assert.That(_sink.Target, Is.EqualTo($"Node '{_node.Name}'"));
        Assert.That(Directory.GetFileSystemEntries(_features.Path), Is.Empty);
    }

    [Test]
    public async Task Who_may_patch_and_not_create_NodeFeature_objects_labels_the_Node(CancellationToken token)
    {
        await _server.AddNodeFeaturesAsync();
        await _node.AddNfdWorkerAsync("test", "v0.18.3");
        _server.AddToken(Account, ApiRule.PatchNodes, new ApiRule("nfd.k8s-sigs.io", "nodefeatures", "patch"));

        await _sink.PublishAsync(Two, token);

        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2"]));
    }

    [Test]
    public async Task At_rest_it_asks_nothing_until_the_resync_and_then_reads_the_Node_once(CancellationToken token)
    {
        await _sink.PublishAsync(Two, token);
        await _sink.PublishAsync(Two, token);
        var before = _server.Requests.Count;

        for (var minute = 0; minute < 8; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await _sink.PublishAsync(Two, token);
        }

        Assert.That(_server.Requests, Has.Count.EqualTo(before));
        _time.Advance(TimeSpan.FromMinutes(4));
        await _sink.PublishAsync(Two, token);
        Assert.That(_server.Requests.Skip(before).Select(request => request.ContentType), Is.EqualTo(["application/merge-patch+json"]));
    }

    private void GoAway()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
            _server.Break();
    }

    private FeatureFileOptions FileOptions => new() { FeaturesDirectory = _features.Path };

    private FeatureFileSink NewFile() => new(FileOptions);

    private AutoSink NewSink() => new(
        FileOptions, new NodeFeatureSinkOptions { NodeName = _node.Name, Namespace = "test" }, _client,
        _log.CreateLogger<AutoSink>(), _time);
}
