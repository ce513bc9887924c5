using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels.Events;

namespace NpuFeatureDiscovery.Labels.Tests.Events;

public sealed class CardHistoryTests
{
    private static readonly NpuDevice Healthy = Nodes.Warboy(1);
    private static readonly NpuDevice Dead = Healthy with { Health = new DeviceHealth(HealthState.Unhealthy, "alive is 0") };
    private static readonly NpuDevice Unknown = Healthy with { Health = new DeviceHealth(HealthState.Unknown, "alive cannot be read") };

    private readonly CardHistory _history = new();

    [Test]
    public void A_card_that_works_is_no_news() => Assert.That(Observe(Healthy, Healthy, Healthy, Healthy), Is.Empty);

    [Test]
    public void A_card_that_dies_is_told_at_the_second_reading_once()
    {
        Assert.That(Observe(Healthy, Dead), Is.Empty);
        Assert.That(Observe(Dead), Is.EqualTo(
            [new NodeEvent(true, NodeEventReasons.Unhealthy, "npu1 at 0000:01:00.0 does not work: alive is 0.")]));
        Assert.That(Observe(Dead, Dead), Is.Empty);
    }

    [Test]
    public void A_card_that_is_dead_from_the_start_is_told() =>
        Assert.That(Observe(Dead, Dead).Single().Reason, Is.EqualTo(NodeEventReasons.Unhealthy));

    [Test]
    public void A_card_that_cannot_be_read_is_told_as_not_known() => Assert.That(Observe(Unknown, Unknown).Single().Message, Is.EqualTo(
        "Whether npu1 at 0000:01:00.0 works is not known: alive cannot be read."));

    [Test]
    public void A_card_that_recovers_is_told_at_the_third_reading()
    {
        Observe(Dead, Dead);

        Assert.That(Observe(Healthy, Healthy), Is.Empty);
        Assert.That(Observe(Healthy), Is.EqualTo([new NodeEvent(false, NodeEventReasons.Healthy, "npu1 at 0000:01:00.0 works again.")]));
    }

    [Test]
    public void A_card_that_blinks_is_no_news() =>
        Assert.That(Observe(Healthy, Dead, Healthy, Dead, Healthy, Dead, Healthy), Is.Empty);

    [Test]
    public void A_card_that_goes_and_comes_back_is_told()
    {
        Observe(Healthy);

        Assert.That(Observe(null, null), Is.EqualTo(
            [new NodeEvent(true, NodeEventReasons.Removed, "npu1 at 0000:01:00.0 is no longer there.")]));
        Assert.That(Observe(Healthy, Healthy, Healthy), Is.EqualTo(
            [new NodeEvent(false, NodeEventReasons.Healthy, "npu1 at 0000:01:00.0 is there again and works.")]));
    }

    [Test]
    public void A_new_card_is_no_news() => Assert.That(Observe(null, null, Healthy, Healthy, Healthy), Is.Empty);

    [Test]
    public void One_card_is_not_taken_for_another_of_the_same_index()
    {
        var node = Nodes.Of(Nodes.Warboy(0), Nodes.Rngd(0) with { Health = Dead.Health });
        _history.Observe(node);

        Assert.That(_history.Observe(node), Has.Count.EqualTo(1));
    }

    /// <returns>What is new at any of the readings.</returns>
    private NodeEvent[] Observe(params NpuDevice?[] readings) =>
        [.. readings.SelectMany(card => _history.Observe(card is null ? Nodes.Of() : Nodes.Of(card)))];
}
