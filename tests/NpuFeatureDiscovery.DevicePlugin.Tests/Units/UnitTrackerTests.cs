using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Units;

public sealed class UnitTrackerTests
{
    private static readonly NodeSnapshot Alive = Cards.Node(Cards.Warboy(0));
    private static readonly NodeSnapshot Dead = Cards.Node(Cards.Warboy(0).Dead());
    private static readonly NodeSnapshot Empty = Cards.Node();

    private readonly ManualTimeProvider _time = new();
    private readonly UnitTracker _tracker;
    private long _number;

    public UnitTrackerTests() => _tracker = new UnitTracker(_time);

    [Test]
    public void The_first_reading_of_a_card_counts_at_once([Values] bool isAlive)
    {
        See(isAlive ? Alive : Dead);

        Assert.That(_tracker.Units.Single().State, Is.EqualTo(isAlive ? PluginDeviceState.Healthy : PluginDeviceState.Unhealthy));
    }

    [Test]
    public void A_card_is_unhealthy_after_two_readings_in_a_row_with_reason_and_time()
    {
        See(Alive);
        See(Dead);
        Assert.That(_tracker.Units.Single().State, Is.EqualTo(PluginDeviceState.Healthy));

        See(Dead);

        var unit = _tracker.Units.Single();
        Assert.That((unit.State, unit.Since), Is.EqualTo((PluginDeviceState.Unhealthy, _time.GetUtcNow())));
        Assert.That(unit.Reason, Does.Contain("alive is 0"));
    }

    [Test]
    public void A_card_keeps_its_device_nodes_for_as_long_as_it_is_listed_as_healthy()
    {
        var card = Cards.Warboy(0);
        var without = Cards.Node(card with { DeviceNodes = [] });
        See(Cards.Node(card), without);
        Assert.That(_tracker.Units.Single().Unit.Nodes, Is.EqualTo(card.DeviceNodes));

        See(without);

        Assert.That(_tracker.Units.Single().State, Is.EqualTo(PluginDeviceState.Unhealthy));
        Assert.That(_tracker.Units.Single().Unit.Nodes, Is.Empty);
    }

    [Test]
    public void A_single_bad_reading_is_forgotten()
    {
        See(Alive, Dead, Alive, Dead, Alive, Dead);

        Assert.That(_tracker.Units.Single().State, Is.EqualTo(PluginDeviceState.Healthy));
    }

    [Test]
    public void A_card_is_healthy_again_after_three_readings_in_a_row()
    {
        See(Alive, Dead, Dead, Alive, Alive, Dead, Alive, Alive);
        Assert.That(_tracker.Units.Single().State, Is.EqualTo(PluginDeviceState.Unhealthy));

        See(Alive);

        Assert.That(_tracker.Units.Single(), Is.EqualTo(
            new ListedUnit(_tracker.Units.Single().Unit, PluginDeviceState.Healthy, null, _time.GetUtcNow())));
    }

    [Test]
    public void It_is_settled_while_no_unit_waits_for_another_reading()
    {
        See(Alive, Dead);
        Assert.That(_tracker.IsSettled, Is.False);

        See(Dead);

        Assert.That(_tracker.IsSettled, Is.True);
    }

    [Test]
    public void A_card_that_vanishes_stays_listed_as_unhealthy_for_ten_minutes()
    {
        See(Alive, Empty, Empty);
        Assert.That(_tracker.Units.Single().State, Is.EqualTo(PluginDeviceState.Unhealthy));
        Assert.That(_tracker.Units.Single().Reason, Does.Contain("gone"));

        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(3));
        See(Empty);
        Assert.That(_tracker.Units, Has.Exactly(1).Items);

        _time.Advance(TimeSpan.FromSeconds(2));
        See(Empty);
        Assert.That(_tracker.Units, Is.Empty);
    }

    [Test]
    public void A_card_that_comes_back_is_trusted_after_three_readings()
    {
        See(Alive, Empty, Empty, Alive, Alive);
        Assert.That(_tracker.Units.Single().State, Is.EqualTo(PluginDeviceState.Unhealthy));

        See(Alive);

        Assert.That(_tracker.Units.Single().State, Is.EqualTo(PluginDeviceState.Healthy));
    }

    [Test]
    public void Cards_of_a_host_that_cannot_be_read_are_unhealthy_with_the_reason()
    {
        See(Alive);
        _tracker.Observe(new NodeReading(++_number, Alive, "/sys cannot be listed"), DefaultPe.Fusion);
        _tracker.Observe(new NodeReading(++_number, Alive, "/sys cannot be listed"), DefaultPe.Fusion);

        Assert.That(_tracker.Units.Single().State, Is.EqualTo(PluginDeviceState.Unhealthy));
        Assert.That(_tracker.Units.Single().Reason, Is.EqualTo("/sys cannot be listed"));
    }

    [Test]
    public void Another_kind_of_unit_replaces_the_units_at_once()
    {
        See(Alive);

        _tracker.Observe(new NodeReading(++_number, Alive, null), DefaultPe.Single);

        Assert.That(_tracker.Units.Select(unit => $"{unit.Unit.Id}"), Is.EqualTo(["WARBOY-0_cores_0", "WARBOY-0_cores_1"]));
    }

    [Test]
    public void A_reading_that_says_the_same_again_is_no_news()
    {
        See(Alive);

        Assert.That(_tracker.Observe(new NodeReading(++_number, Alive, null), DefaultPe.Fusion), Is.False);
    }

    [Test]
    public void A_core_whose_file_vanishes_is_unhealthy_beside_one_that_works()
    {
        var card = Cards.Warboy(0);
        var halfCard = card with
        {
            Cores = [0],
            DeviceNodes = [.. card.DeviceNodes.Where(node => node.Cores is null or { End: 0 })],
        };
        foreach (var snapshot in (NodeSnapshot[])[Cards.Node(card), Cards.Node(halfCard), Cards.Node(halfCard)])
            _tracker.Observe(new NodeReading(++_number, snapshot, null), DefaultPe.Single);

        Assert.That(_tracker.Units.Select(unit => unit.State), Is.EqualTo([PluginDeviceState.Healthy, PluginDeviceState.Unhealthy]));
    }

    private void See(params ReadOnlySpan<NodeSnapshot> snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _tracker.Observe(new NodeReading(++_number, snapshot, null), DefaultPe.Fusion);
        }
    }
}
