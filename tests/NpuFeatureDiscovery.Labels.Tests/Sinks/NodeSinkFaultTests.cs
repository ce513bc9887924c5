using System.Net;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>What a real API server does rarely, and what it is asked.</summary>
[CancelAfter(30_000)]
public sealed class NodeSinkFaultTests : IAsyncDisposable
{
    private const string UidGone = """{"kind":"Status","reason":"Conflict","message":"uid mismatch"}""";

    private static readonly LabelSet Labels = Labelling.Set("example.com/a=1", "example.com/b=2");

    private readonly ManualTimeProvider _time = new();
    private FakeKubernetesApi _server = null!;
    private OnTheNode _node = null!;
    private KubernetesClient _client = null!;
    private NodeSink _sink = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await FakeKubernetesApi.StartAsync(TestContext.CurrentContext.CancellationToken);
        _node = await OnTheNode.CreateAsync(_server, TestContext.CurrentContext.CancellationToken);
        _client = new KubernetesClient(await _server.AddAccountAsync(ApiRule.PatchNodes), TimeProvider.System);
        _sink = new NodeSink(new NodeSinkOptions { NodeName = _node.Name }, _client, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _node.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task At_rest_nothing_is_asked_until_the_resync_and_then_once(CancellationToken token)
    {
        await _sink.PublishAsync(Labels, token);
        var requests = _server.Requests.Count;

        for (var minute = 0; minute < 9; minute++)
        {
            await _sink.PublishAsync(Labels, token);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        // The wall clock has no say in it.
        _time.SetClock(_time.GetUtcNow().AddYears(1));
        await _sink.PublishAsync(Labels, token);
        Assert.That(_server.Requests.Count, Is.EqualTo(requests));

        _time.Advance(TimeSpan.FromMinutes(2));
        await _sink.PublishAsync(Labels, token);
        Assert.That(_server.Requests.Skip(requests).Select(request => request.ContentType), Is.EqualTo(["application/merge-patch+json"]));
    }

    [Test]
    public async Task A_Node_that_is_made_again_between_reading_and_writing_is_read_again(CancellationToken token)
    {
        _server.Pass();
        _server.Pass(meanwhile: async () =>
        {
            await _node.DeleteAsync();
            await _node.CreateAsync();
        });

        Assert.That(await _sink.PublishAsync(Labels, token), Is.EqualTo(PublishResult.Written));

        Assert.That(await _node.LabelsAsync(), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task One_that_is_deleted_meanwhile_is_not_made_by_an_account_that_may(CancellationToken token)
    {
        _server.Pass();
        _server.Pass(meanwhile: _node.DeleteAsync);
        var sink = new NodeSink(new NodeSinkOptions { NodeName = _node.Name }, _node.Admin, _time);

        Assert.That(async () => await sink.PublishAsync(Labels, token), Throws.TypeOf<LabelPublishException>().With.Message.Contains("knows no Node"));

        Assert.That(await _node.ExistsAsync(), Is.False);
    }

    [Test]
    public async Task One_that_never_stops_to_change_is_given_up(CancellationToken token)
    {
        var requests = _server.Requests.Count;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            _server.Pass();
            _server.Fail(HttpStatusCode.Conflict, UidGone);
        }

        Assert.That(async () => await _sink.PublishAsync(Labels, token), Throws.TypeOf<LabelPublishException>().With.Message.Contains("uid mismatch"));
        Assert.That(_server.Requests.Count - requests, Is.EqualTo(6));
    }

    [Test]
    public async Task An_API_server_that_is_away_leaves_the_state_open_and_is_found_again(CancellationToken token)
    {
        await _sink.PublishAsync(Labels, token);
        var published = _sink.Publication!.VerifiedAt;
        _time.Advance(TimeSpan.FromMinutes(12));
        for (var attempt = 0; attempt < 4; attempt++)
            _server.Fail(HttpStatusCode.ServiceUnavailable, "starting", retryAfter: "0");
        _server.Fail(HttpStatusCode.InternalServerError, "broken", retryAfter: "60");

        Assert.That(async () => await _sink.PublishAsync(Labels, token), Throws.TypeOf<LabelPublishException>().With.Message.Contains("broken"));
        Assert.That((_sink.Publication.State, _sink.Publication.VerifiedAt), Is.EqualTo((LabelPublicationState.Unknown, published)));

        Assert.That(await _sink.PublishAsync(Labels, token), Is.EqualTo(PublishResult.Unchanged));
        Assert.That(_sink.Publication.State, Is.EqualTo(LabelPublicationState.InForce));
    }

    [Test]
    public async Task Labels_that_failed_do_not_stand_for_those_before_when_these_are_wanted_again(CancellationToken token)
    {
        await _sink.PublishAsync(Labels, token);
        _server.Fail(HttpStatusCode.Forbidden, "{}");
        Assert.That(async () => await _sink.PublishAsync(Labelling.Set("example.com/a=9"), token), Throws.TypeOf<LabelPublishException>());

        await _sink.PublishAsync(Labels, token);

        Assert.That(_sink.Publication!.State, Is.EqualTo(LabelPublicationState.InForce));
    }

    [Test]
    public async Task A_handing_over_that_meets_a_change_is_done_anew(CancellationToken token)
    {
        await _sink.PublishAsync(Labels, token);
        await _node.AdoptByNfdAsync("example.com/a");
        _server.Pass();
        _server.Fail(HttpStatusCode.UnprocessableEntity, """{"kind":"Status","reason":"Invalid","message":"the server rejected our request"}""");

        await _sink.PublishAsync(Labelling.Set("example.com/b=2"), token);

        Assert.That(await _node.LabelsAsync(), Is.EqualTo(["example.com/a=1", "example.com/b=2"]));
        Assert.That(await _node.HoldersOfAsync("example.com/b"), Is.EqualTo(["npu-feature-discovery"]));
        Assert.That(await _node.HoldersOfAsync("example.com/a"), Is.Empty);
    }

    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("""{"kind":"List","metadata":{}}""")]
    public void An_answer_that_is_no_Node_is_a_failure_to_publish(string body)
    {
        _server.Fail(HttpStatusCode.OK, body);

        Assert.That(async () => await _sink.PublishAsync(Labels, CancellationToken.None), Throws.TypeOf<LabelPublishException>()
            .With.Message.Contains("no Node"));
    }

    [TestCase("Node-1")]
    [TestCase("")]
    [TestCase("a/b")]
    [TestCase("..")]
    public void What_is_no_name_of_a_Node_is_refused_at_once(string name) => Assert.That(
        () => new NodeSink(new NodeSinkOptions { NodeName = name }, _client), Throws.ArgumentException.With.Message.Contains($"'{name}' is no name of a Node"));
}
