using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Labels.Events;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Events;

/// <summary>Events at an API server, a fake one and a real one where there is one, by an account that may do just that.</summary>
[TestFixture("fake")]
[TestFixture("real", Category = "Cluster")]
[CancelAfter(60_000)]
public sealed class NodeEventServiceTests(string kind) : IAsyncDisposable
{
    private static readonly ApiRule WriteEvents = new("", "events", "create", "patch");
    private static readonly NodeEvent Died = new(true, NodeEventReasons.Unhealthy, "npu0 at 0000:00:00.0 does not work: alive is 0.");

    private EventHost _host = null!;

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Test]
    public async Task An_Event_stands_where_kubectl_looks_for_those_of_the_Node(CancellationToken token)
    {
        var queue = await StartAsync(WriteEvents, token);

        queue.Add(Died);
        var written = await _host.WrittenAsync(1, token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Text(written, "type"), Is.EqualTo("Warning"));
            Assert.That(Text(written, "reason"), Is.EqualTo("NPUUnhealthy"));
            Assert.That(Text(written, "message"), Is.EqualTo(Died.Message));
            Assert.That(Text(written.GetProperty("involvedObject"), "kind"), Is.EqualTo("Node"));
            Assert.That(Text(written.GetProperty("involvedObject"), "name"), Is.EqualTo("node-7"));
            Assert.That(Text(written.GetProperty("involvedObject"), "uid"), Is.EqualTo("node-7"));
            Assert.That(Text(written.GetProperty("source"), "component"), Is.EqualTo("npu-feature-discovery"));
            Assert.That(Text(written.GetProperty("source"), "host"), Is.EqualTo("node-7"));
            Assert.That(Text(written, "firstTimestamp"), Is.EqualTo("2026-01-01T00:00:00Z"));
            Assert.That(written.GetProperty("count").GetInt32(), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task What_happens_again_is_counted(CancellationToken token)
    {
        var queue = await StartAsync(WriteEvents, token);

        queue.Add(Died);
        await _host.WrittenAsync(1, token);
        _host.Time.Advance(TimeSpan.FromMinutes(1));
        queue.Add(Died);
        var written = await _host.WrittenAsync(2, token);

        Assert.That(written.GetProperty("count").GetInt32(), Is.EqualTo(2));
        Assert.That((Text(written, "firstTimestamp"), Text(written, "lastTimestamp")),
            Is.EqualTo(("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z")));
        Assert.That(_host.Written.Select(entry => entry.Message.Split(':')[0]).Distinct(), Has.Exactly(1).Items);
    }

    [Test]
    public async Task A_flood_is_held_back(CancellationToken token)
    {
        var queue = await StartAsync(WriteEvents, token);

        for (var number = 0; number < 40; number++)
            queue.Add(Died with { Message = $"{number}" });
        await _host.WrittenAsync(25, token);
        await _host.StopAsync(token);

        Assert.That(_host.Written.Count(), Is.EqualTo(25));
        Assert.That(_host.Log.Messages(LogLevel.Warning), Is.Empty);
    }

    [Test]
    public async Task Without_the_right_that_is_logged_once_and_everything_goes_on(CancellationToken token)
    {
        var queue = await StartAsync(ApiRule.PatchNodes, token);

        queue.Add(Died);
        queue.Add(Died with { Message = "again" });
        await _host.Log.WaitForAsync(entry => entry.EventName == "Dropped", token);
        await _host.StopAsync(token);

        Assert.That(_host.Log.Messages(LogLevel.Warning).Single(), Does.Contain("events").And.Contain("verbs: [\"patch\"]"));
    }

    [Test]
    public async Task A_card_that_dies_and_recovers_is_told(CancellationToken token)
    {
        await CreateAsync(WriteEvents);
        var card = _host.Tree.AddWarboy(0);
        await _host.StartAsync(token);

        card.Set("alive", "0\n");
        await _host.AdvanceUntilAsync(NodeEventReasons.Unhealthy, token);
        card.Set("alive", "1\n");
        await _host.AdvanceUntilAsync(NodeEventReasons.Healthy, token);
        card.Unload();
        await _host.AdvanceUntilAsync(NodeEventReasons.Removed, token);
    }

    [Test]
    public async Task Labels_that_are_changed_or_refused_are_told(CancellationToken token)
    {
        await CreateAsync(WriteEvents);
        _host.Tree.SetMachine("Dell Inc.", "삼성");
        await _host.StartAsync(token, services => services.AddSingleton<ILabelSink>(new TextSink()).AddNpuLabels());

        await _host.AdvanceUntilAsync(NodeEventReasons.LabelChanged, token);
        await _host.AdvanceUntilAsync(NodeEventReasons.LabelRefused, token);
    }

    private async Task<NodeEventQueue> StartAsync(ApiRule right, CancellationToken token)
    {
        await CreateAsync(right);
        return await _host.StartAsync(token);
    }

    private async Task CreateAsync(ApiRule right) => _host = await EventHost.CreateAsync(
        await ClusterSetUp.StartAsync(kind, TestContext.CurrentContext.CancellationToken), right);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private sealed class TextSink : ILabelSink
    {
        public string Target => "the test";

        public ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken) => new(PublishResult.Written);

        public ValueTask LeaveAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
