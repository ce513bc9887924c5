using NpuFeatureDiscovery.DevicePlugin.Cdi;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Cdi;

public sealed class NpuCdiDevicesTests
{
    [Test]
    public void Cards_and_cores_have_the_names_of_the_driver()
    {
        var document = Read([Cards.Warboy(0), Cards.Warboy(3)]);

        Assert.That(document.Kind, Is.EqualTo("furiosa.ai/npu"));
        Assert.That(document.CdiVersion, Is.EqualTo("0.3.0"));
        Assert.That(document.Devices.Select(device => device.Name),
            Is.EquivalentTo(["npu0", "npu3", "npu0pe0", "npu0pe1", "npu3pe0", "npu3pe1", "all"]));
    }

    [TestCase(DefaultPe.Fusion)]
    [TestCase(DefaultPe.Single)]
    public void A_device_has_the_nodes_of_its_unit(DefaultPe defaultPe)
    {
        NpuDevice[] cards = [Cards.Warboy(0), Cards.Rngd(1)];
        var devices = new NpuCdiDevices(cards, []);
        var document = CdiDocument.Parse(devices.Spec!.ToJson());

        using (Assert.EnterMultipleScope())
        {
            foreach (var unit in cards.SelectMany(card => UnitFactory.Create(card, card.Uuid!, defaultPe)))
                Assert.That(document.PathsOf(devices.NameOf(unit)), Is.EqualTo(unit.Nodes.Select(node => node.Path)), unit.Name);
        }
    }

    [Test]
    public void All_is_what_may_be_allocated()
    {
        NpuDevice[] cards = [Cards.Warboy(0), Cards.Warboy(1).Dead(), Cards.Warboy(2), Cards.Warboy(3)];

        var document = Read(cards, "npu2");

        Assert.That(document.PathsOf("all"), Is.EqualTo(cards[0].DeviceNodes.Concat(cards[3].DeviceNodes).Select(node => node.Path)));
        Assert.That(document.Devices.Select(device => device.Name), Contains.Item("npu1").And.Contains("npu2"));
    }

    [Test]
    public void There_is_no_all_where_nothing_may_be_allocated() =>
        Assert.That(Read([Cards.Warboy(0).Dead()]).Devices.Select(device => device.Name), Does.Not.Contain("all"));

    [Test]
    public void Cards_of_two_families_that_share_a_name_are_told_apart()
    {
        NpuDevice[] cards = [Cards.Warboy(0), Cards.Rngd(0), Cards.Rngd(1)];
        var devices = new NpuCdiDevices(cards, []);
        var names = cards.Select(card => devices.NameOf(UnitFactory.Create(card, card.Uuid!, DefaultPe.Fusion).Single()));

        Assert.That(names, Is.EqualTo(["warboy-npu0", "rngd-npu0", "npu1"]));
        Assert.That(CdiDocument.Parse(devices.Spec!.ToJson()).Devices.Select(device => device.Name), Does.Not.Contain("npu0"));
    }

    [Test]
    public void Without_a_card_that_can_be_used_there_is_no_specification()
    {
        Assert.That(new NpuCdiDevices([], []).Spec, Is.Null);
        Assert.That(new NpuCdiDevices([Cards.Warboy(0) with { DeviceNodes = [], Cores = [] }], []).Spec, Is.Null);
    }

    private static CdiDocument Read(NpuDevice[] cards, params string[] disabled) =>
        CdiDocument.Parse(new NpuCdiDevices(cards, disabled).Spec!.ToJson());
}
