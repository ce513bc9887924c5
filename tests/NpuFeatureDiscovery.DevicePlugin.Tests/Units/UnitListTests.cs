using NpuFeatureDiscovery.DevicePlugin.Units;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Units;

public sealed class UnitListTests
{
    [Test]
    public void Units_are_in_order_of_family_index_and_core()
    {
        var list = Cards.List(DefaultPe.Single, Cards.Rngd(0), Cards.Warboy(10), Cards.Warboy(2));

        Assert.That(list.ForKubelet.Take(5).Select(device => device.Id), Is.EqualTo(
            ["WARBOY-2_cores_0", "WARBOY-2_cores_1", "WARBOY-10_cores_0", "WARBOY-10_cores_1", "RNGD-0_cores_0"]));
    }

    [Test]
    public void The_kubelet_is_told_the_numa_nodes()
    {
        var list = Cards.List(DefaultPe.Fusion, Cards.Warboy(0, numaNode: 1), Cards.Warboy(1, numaNode: 0));

        Assert.That(list.ForKubelet.Select(device => device.NumaNode), Is.EqualTo([1, 0]));
    }

    [Test]
    public void Where_one_numa_node_is_unknown_none_is_told()
    {
        var list = Cards.List(DefaultPe.Fusion, Cards.Warboy(0, numaNode: 1), Cards.Warboy(1, numaNode: null));

        Assert.That(list.ForKubelet.Select(device => device.NumaNode), Is.All.Null);
    }

    [Test]
    public void Lists_are_equal_where_the_kubelet_is_told_the_same()
    {
        var card = Cards.Warboy(0);
        var list = Cards.List(DefaultPe.Fusion, card);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(list, Is.EqualTo(Cards.List(DefaultPe.Fusion, card with { Serial = "another" })));
            Assert.That(list, Is.Not.EqualTo(Cards.List(DefaultPe.Fusion, card with { NumaNode = 1 })));
            Assert.That(list, Is.Not.EqualTo(Cards.List(DefaultPe.Fusion, card, Cards.Warboy(1))));
        }
    }

    [Test]
    public void Only_a_healthy_unit_is_told_as_healthy()
    {
        var unit = Cards.List(DefaultPe.Fusion, Cards.Warboy(0)).Units.Single();

        foreach (var state in Enum.GetValues<UnitState>())
        {
            Assert.That(
                new UnitList([unit with { State = state }]).ForKubelet.Single().IsHealthy, Is.EqualTo(state == UnitState.Healthy));
        }
    }
}
