using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using NpuFeatureDiscovery.Labels.Events;

namespace NpuFeatureDiscovery.Labels.Tests.Events;

[CancelAfter(30_000)]
public sealed class LabelEventsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly NodeEventQueue _queue;
    private readonly LabelEvents _events;

    public LabelEventsTests()
    {
        _queue = new NodeEventQueue(new NodeEventMetrics(_services.GetRequiredService<IMeterFactory>()));
        _events = new LabelEvents(_queue);
    }

    public void Dispose() => _services.Dispose();

    [Test]
    public async Task A_text_that_was_changed_is_told_apart_from_one_that_gives_no_label(CancellationToken token)
    {
        _events.Observe(Labels(("example.com/a", "Dell Inc."), ("example.com/b", "삼성"), ("example.com/c", "fine")));

        Assert.That(await NextAsync(2, token), Is.EqualTo(
        [
            new NodeEvent(false, NodeEventReasons.LabelChanged,
                "Label 'example.com/a' is 'Dell-Inc', since 'Dell Inc.' is no legal label value."),
            new NodeEvent(true, NodeEventReasons.LabelRefused,
                "No label 'example.com/b': its text '삼성' holds nothing that a label value may hold."),
        ]));
    }

    [Test]
    public async Task While_it_lasts_it_is_told_once(CancellationToken token)
    {
        _events.Observe(Labels(("example.com/a", "a b")));
        _events.Observe(Labels(("example.com/a", "a b")));
        _events.Observe(Labels(("example.com/a", "c d")));
        _events.Observe(Labels(("example.com/a", "a b")));

        Assert.That((await NextAsync(3, token)).Select(happened => happened.Message.Split('\'')[3]), Is.EqualTo(["a-b", "c-d", "a-b"]));
    }

    [Test]
    public async Task What_the_API_server_refuses_or_somebody_else_holds_is_told_when_it_changes(CancellationToken token)
    {
        foreach (var state in (LabelPublicationState[])[
            LabelPublicationState.Pending, LabelPublicationState.Overridden, LabelPublicationState.Unknown, LabelPublicationState.Overridden,
            LabelPublicationState.Refused, LabelPublicationState.InForce, LabelPublicationState.Refused])
            _events.Observe(new LabelPublication(state, $"{state} by 'somebody'."));

        Assert.That(await NextAsync(3, token), Is.EqualTo(
        [
            new NodeEvent(true, NodeEventReasons.LabelRefused, "Labels are not in force: Overridden by 'somebody'."),
            new NodeEvent(true, NodeEventReasons.LabelRefused, "Labels are not in force: Refused by 'somebody'."),
            new NodeEvent(true, NodeEventReasons.LabelRefused, "Labels are not in force: Refused by 'somebody'."),
        ]));
    }

    private static LabelSet Labels(params (string Key, string Text)[] texts)
    {
        var builder = new LabelSetBuilder();
        foreach (var (key, text) in texts)
            builder.Add(key, text);

        return builder.Build();
    }

    /// <summary>All that were told, which have to be so many.</summary>
    private async Task<NodeEvent[]> NextAsync(int count, CancellationToken token)
    {
        var last = new NodeEvent(false, "Last", "");
        _queue.Add(last);
        var told = new List<NodeEvent>();
        await foreach (var happened in _queue.ReadAllAsync(token))
        {
            if (happened == last)
                break;

            told.Add(happened);
        }

        Assert.That(told, Has.Count.EqualTo(count));
        return [.. told];
    }
}
