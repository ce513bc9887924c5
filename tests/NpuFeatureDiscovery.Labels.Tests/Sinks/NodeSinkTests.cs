using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>Against the fake API server, and against a real one where there is one, with an account that may only patch Nodes.</summary>
[TestFixture("fake")]
[TestFixture("real", Category = "Cluster")]
[CancelAfter(60_000)]
public sealed class NodeSinkTests(string kind) : IAsyncDisposable
{
    private const string Count = "beta.furiosa.ai/npu.count";
    private const string Family = "beta.furiosa.ai/npu.family";

    private static readonly LabelSet Two = Labelling.Set($"{Count}=2", $"{Family}=warboy");
    private static readonly LabelSet Three = Labelling.Set($"{Count}=3");

    private readonly ManualTimeProvider _time = new();
    private IKubernetesServer _server = null!;
    private OnTheNode _node = null!;
    private KubernetesClient _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        var token = TestContext.CurrentContext.CancellationToken;
        _server = await ClusterSetUp.StartAsync(kind, token);
        _node = await OnTheNode.CreateAsync(_server, token);
        _client = new KubernetesClient(await _server.AddAccountAsync(ApiRule.PatchNodes), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _node?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task The_labels_are_put_on_the_Node_and_those_of_others_stay(CancellationToken token)
    {
        await _node.LabelAsync("example.com/other", "1");
        var sink = Sink();

        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Written));
        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Unchanged));

        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2", $"{Family}=warboy", "example.com/other=1"]));
        Assert.That(sink.Publication, Is.EqualTo(new LabelPublication(LabelPublicationState.InForce, "", _time.GetUtcNow(), _time.GetUtcNow())));
    }

    [Test]
    public async Task A_label_that_is_no_longer_wanted_goes_also_after_a_restart(CancellationToken token)
    {
        await Sink().PublishAsync(Two, token);

        Assert.That(await Sink().PublishAsync(Three, token), Is.EqualTo(PublishResult.Written));

        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=3"]));
    }

    [Test]
    public async Task After_a_restart_labels_that_are_in_force_are_not_written(CancellationToken token)
    {
        await Sink().PublishAsync(Two, token);
        var sink = Sink();

        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Unchanged));
        Assert.That(sink.Publication, Is.EqualTo(new LabelPublication(LabelPublicationState.InForce, "", null, _time.GetUtcNow())));
    }

    [Test]
    public async Task No_labels_at_all_take_away_ours_and_nothing_else(CancellationToken token)
    {
        await _node.LabelAsync("example.com/other", "1");
        await Sink().PublishAsync(Two, token);
        var sink = Sink();

        Assert.That(await sink.PublishAsync(LabelSet.Empty, token), Is.EqualTo(PublishResult.Removed));
        Assert.That(await _node.LabelsAsync(), Is.EqualTo(["example.com/other=1"]));
        Assert.That(await Sink().PublishAsync(LabelSet.Empty, token), Is.EqualTo(PublishResult.Unchanged));
    }

    [Test]
    public async Task A_label_that_someone_else_set_is_a_conflict_that_names_him_and_leaves_all_as_it_is(CancellationToken token)
    {
        var sink = Sink();
        await sink.PublishAsync(Labelling.Set($"{Family}=warboy"), token);
        await _node.LabelAsync(Count, "9");

        Assert.That(async () => await sink.PublishAsync(Two, token), Throws.TypeOf<LabelPublishException>().With.Message.EqualTo(
            $"The labels of Node '{_node.Name}' are not written: 'kubectl-edit' has set {Count} to another value. "
            + $"Remove such a label (kubectl label node {_node.Name} KEY-), or take it over (--force-conflicts)."));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Overridden));
        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=9", $"{Family}=warboy"]));

        Assert.That(await Sink(force: true).PublishAsync(Two, token), Is.EqualTo(PublishResult.Written));
        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2", $"{Family}=warboy"]));
        Assert.That(await _node.HoldersOfAsync(Count), Is.EqualTo(["npu-feature-discovery"]));
    }

    [Test]
    public async Task A_Node_that_the_cluster_does_not_know_is_named_and_never_made_even_by_an_account_that_may(CancellationToken token)
    {
        using var unknown = OnTheNode.Unknown(_server, token);

        foreach (var client in new[] { _client, _node.Admin })
        {
            var sink = new NodeSink(new NodeSinkOptions { NodeName = unknown.Name }, client, _time);
            Assert.That(async () => await sink.PublishAsync(Two, token), Throws.TypeOf<LabelPublishException>()
                .With.Message.Contains($"knows no Node '{unknown.Name}'").And.Message.Contains("--node-name"));
            Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Refused));
        }

        Assert.That(await unknown.ExistsAsync(), Is.False);
    }

    [Test]
    public async Task A_Node_that_was_made_again_is_labelled_again_at_the_next_look(CancellationToken token)
    {
        var sink = Sink();
        await sink.PublishAsync(Two, token);
        await _node.DeleteAsync();
        await _node.CreateAsync();

        _time.Advance(TimeSpan.FromMinutes(8));
        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Unchanged));
        Assert.That(await _node.LabelsAsync(), Is.Empty);
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Restored));

        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2", $"{Family}=warboy"]));
    }

    [Test]
    public async Task A_label_that_someone_removed_comes_back_and_one_that_someone_changed_is_his(CancellationToken token)
    {
        var sink = Sink();
        await sink.PublishAsync(Two, token);

        await _node.LabelAsync(Count, null);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Restored));

        await _node.LabelAsync(Count, "9");
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.That(async () => await sink.PublishAsync(Two, token), Throws.TypeOf<LabelPublishException>().With.Message.Contains("'kubectl-edit'"));

        await _node.LabelAsync(Count, null);
        Assert.That(await sink.PublishAsync(Two, token), Is.EqualTo(PublishResult.Restored));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.InForce));
    }

    [Test]
    public async Task A_label_that_NFD_publishes_is_left_to_it_and_told_where_it_differs(CancellationToken token)
    {
        await _node.AdoptByNfdAsync($"{Count}=2");
        var sink = Sink(force: true);

        await sink.PublishAsync(Two, token);
        Assert.That(await _node.HoldersOfAsync(Count), Has.None.EqualTo("npu-feature-discovery"));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.InForce));

        Assert.That(await sink.PublishAsync(Three, token), Is.EqualTo(PublishResult.Written));
        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2"]));
        Assert.That(sink.Publication, Is.EqualTo(new LabelPublication(
            LabelPublicationState.Overridden, $"{Count} is '2' by Node Feature Discovery, in place of '3'", _time.GetUtcNow(), _time.GetUtcNow())));
    }

    [Test]
    public async Task Labels_that_NFD_adopts_are_handed_over_without_a_change_to_them(CancellationToken token)
    {
        var sink = Sink();
        await sink.PublishAsync(Two, token);
        await _node.AdoptByNfdAsync(Count);

        Assert.That(await sink.PublishAsync(LabelSet.Empty, token), Is.EqualTo(PublishResult.Removed));

        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2"]));
        Assert.That(await _node.HoldersOfAsync(Count), Is.Empty);
    }

    [Test]
    public async Task When_NFD_has_adopted_all_labels_nothing_of_ours_is_left_but_the_labels(CancellationToken token)
    {
        var sink = Sink();
        await sink.PublishAsync(Two, token);
        await _node.AdoptByNfdAsync(Count, Family);

        await sink.PublishAsync(LabelSet.Empty, token);

        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=2", $"{Family}=warboy"]));
        Assert.That(await _node.HoldersOfAsync(Family), Is.Empty);
        Assert.That(await Sink().PublishAsync(LabelSet.Empty, token), Is.EqualTo(PublishResult.Unchanged));
    }

    [Test]
    public async Task An_account_without_the_right_is_told_the_rule_to_add(CancellationToken token)
    {
        using var client = new KubernetesClient(
            await _server.AddAccountAsync(new ApiRule("", "nodes", "get")), TimeProvider.System);
        var sink = new NodeSink(new NodeSinkOptions { NodeName = _node.Name }, client, _time);

        Assert.That(async () => await sink.PublishAsync(Two, token), Throws.TypeOf<LabelPublishException>()
            .With.Message.Contains("- apiGroups: [\"\"], resources: [\"nodes\"], verbs: [\"patch\"]"));
        Assert.That(sink.Publication!.State, Is.EqualTo(LabelPublicationState.Refused));
    }

    [Test]
    public async Task To_verify_writes_nothing_and_tells_what_stands(CancellationToken token)
    {
        await Sink().PublishAsync(Labelling.Set($"{Count}=2"), token);
        await _node.LabelAsync(Count, "4");

        var publication = await Sink().VerifyAsync(Two, token);

        Assert.That(publication, Is.EqualTo(new LabelPublication(
            LabelPublicationState.Overridden,
            $"{Count} is '4' by 'kubectl-edit', in place of '2'; {Family}=warboy is not there", null, _time.GetUtcNow())));
        Assert.That(await _node.LabelsAsync(), Is.EqualTo([$"{Count}=4"]));
    }

    private NodeSink Sink(bool force = false) =>
        new(new NodeSinkOptions { NodeName = _node.Name, ForceConflicts = force }, _client, _time);
}
