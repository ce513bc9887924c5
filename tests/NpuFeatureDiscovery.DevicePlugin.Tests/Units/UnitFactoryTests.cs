using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Units;

public sealed class UnitFactoryTests
{
    [Test]
    public void A_fused_unit_is_a_card_with_all_its_device_nodes()
    {
        var card = Cards.Warboy(0);

        var unit = UnitFactory.Create(card, "ID", DefaultPe.Fusion).Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That($"{unit.Id}", Is.EqualTo("ID"));
            Assert.That(unit.Nodes, Is.EqualTo(card.DeviceNodes));
            Assert.That(DevNames(unit), Is.EqualTo(["npu0pe0-1"]));
        }
    }

    [Test]
    public void A_single_unit_is_a_core_with_its_own_node_and_those_that_all_cores_share()
    {
        var units = UnitFactory.Create(Cards.Warboy(0), "ID", DefaultPe.Single).ToArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(units.Select(unit => $"{unit.Id}"), Is.EqualTo(["ID_cores_0", "ID_cores_1"]));
            Assert.That(
                units[1].Nodes.Select(node => node.Path), Is.EqualTo(["/dev/npu0_mgmt", "/dev/npu0pe1", "/dev/npu0ch0"]));
            Assert.That(units.SelectMany(DevNames), Is.EqualTo(["npu0pe0", "npu0pe1"]));
        }
    }

    [Test]
    public void An_rngd_is_used_by_its_two_widest_files() =>
        Assert.That(DevNames(UnitFactory.Create(Cards.Rngd(3), "ID", DefaultPe.Fusion).Single()), Is.EqualTo(["npu3pe0-3", "npu3pe4-7"]));

    [Test]
    public void An_rngd_has_eight_cores() =>
        Assert.That(
            UnitFactory.Create(Cards.Rngd(0), "ID", DefaultPe.Single).SelectMany(DevNames),
            Is.EqualTo(Enumerable.Range(0, 8).Select(core => $"npu0pe{core}")));

    [Test]
    public void A_card_whose_driver_shows_no_fused_file_is_used_by_those_of_its_cores()
    {
        var card = Without(Cards.Warboy(0), node => node.Cores is { Width: > 1 });

        Assert.That(DevNames(UnitFactory.Create(card, "ID", DefaultPe.Fusion).Single()), Is.EqualTo(["npu0pe0", "npu0pe1"]));
    }

    [Test]
    public void A_card_without_core_files_is_used_by_the_file_of_all_cores()
    {
        var card = Without(Cards.Warboy(0), node => node.Role == DeviceNodeRole.Core);

        Assert.That(DevNames(UnitFactory.Create(card, "ID", DefaultPe.Fusion).Single()), Is.EqualTo(["npu0"]));
    }

    [Test]
    public void A_card_without_any_file_to_compute_with_cannot_be_used()
    {
        var card = Without(Cards.Warboy(0), node => node.Role is DeviceNodeRole.Core or DeviceNodeRole.MultiCore);

        Assert.That(UnitFactory.Create(card, "ID", DefaultPe.Fusion).Single().Fault, Does.Contain("no device node"));
    }

    [Test]
    public void A_card_cannot_be_used_that_is_dead() =>
        Assert.That(UnitFactory.Create(Cards.Warboy(0).Dead(), "ID", DefaultPe.Fusion).Single().Fault, Does.Contain("alive is 0"));

    private static NpuDevice Without(NpuDevice card, Func<DeviceNode, bool> isTaken) =>
        card with { DeviceNodes = [.. card.DeviceNodes.Where(node => !isTaken(node))] };

    private static IEnumerable<string> DevNames(Unit unit) => unit.PeFiles.Select(file => file.DevName);
}
