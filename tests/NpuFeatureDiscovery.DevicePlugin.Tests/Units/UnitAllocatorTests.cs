using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Units;

public sealed class UnitAllocatorTests : IDisposable
{
    private const string Resource = "beta.furiosa.ai/npu";

    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [Test]
    public void A_card_comes_with_its_nodes_and_is_named_in_environment_and_annotation()
    {
        var container = Allocate(Offer(DefaultPe.Fusion, Cards.Warboy(0)), "WARBOY-0");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(container.DeviceNodes.Select(node => node.HostPath), Is.EqualTo(
                ["/dev/npu0_mgmt", "/dev/npu0", "/dev/npu0pe0", "/dev/npu0pe1", "/dev/npu0pe0-1", "/dev/npu0ch0"]));
            Assert.That(container.Environment, Is.EquivalentTo(new Dictionary<string, string>
            {
                ["NPU_DEVNAME"] = "npu0pe0-1",
                ["NPU_NPUNAME"] = "npu0",
                ["NPU_PENAME"] = "pe0-1",
                ["FURIOSA_DEVICES"] = "npu:0:0-1",
            }));
            Assert.That(container.Annotations, Is.EquivalentTo(
                new Dictionary<string, string> { ["alpha.furiosa.ai/npu.devname"] = "npu0pe0-1" }));
        }
    }

    [Test]
    public void Several_cards_are_joined_by_commas_in_order_of_their_indices()
    {
        var list = Offer(DefaultPe.Fusion, Cards.Warboy(2), Cards.Warboy(10), Cards.Warboy(0));

        var container = Allocate(list, "WARBOY-10", "WARBOY-0", "WARBOY-2");

        Assert.That(container.Environment["NPU_DEVNAME"], Is.EqualTo("npu0pe0-1,npu2pe0-1,npu10pe0-1"));
        Assert.That(container.Environment["NPU_NPUNAME"], Is.EqualTo("npu0,npu2,npu10"));
    }

    [Test]
    public void Cores_of_one_card_bring_what_they_share_once()
    {
        var container = Allocate(Offer(DefaultPe.Single, Cards.Warboy(0)), "WARBOY-0_cores_1", "WARBOY-0_cores_0");

        Assert.That(container.DeviceNodes.Select(node => node.HostPath), Is.EquivalentTo(["/dev/npu0_mgmt", "/dev/npu0ch0", "/dev/npu0pe0", "/dev/npu0pe1"]));
        Assert.That(container.Environment["NPU_DEVNAME"], Is.EqualTo("npu0pe0,npu0pe1"));
    }

    [Test]
    public void The_lists_of_the_environment_run_in_step()
    {
        var environment = Allocate(Offer(DefaultPe.Fusion, Cards.Rngd(1)), "RNGD-1").Environment;

        Assert.That(environment, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["NPU_DEVNAME"] = "npu1pe0-3,npu1pe4-7",
            ["NPU_NPUNAME"] = "npu1,npu1",
            ["NPU_PENAME"] = "pe0-3,pe4-7",
            ["FURIOSA_DEVICES"] = "npu:1:0-3,npu:1:4-7",
        }));
    }

    [Test]
    public void The_same_ids_can_be_asked_for_again()
    {
        var list = Offer(DefaultPe.Fusion, Cards.Warboy(0));

        var first = Allocate(list, "WARBOY-0");
        var again = Allocate(list, "WARBOY-0");

        Assert.That(again.Environment, Is.EquivalentTo(first.Environment));
        Assert.That(again.DeviceNodes, Is.EqualTo(first.DeviceNodes));
    }

    [Test]
    public void Cores_that_overlap_are_refused()
    {
        var (card, cores) = (Offer(DefaultPe.Fusion, Cards.Warboy(0)), Offer(DefaultPe.Single, Cards.Warboy(0)));

        var refusal = Assert.Throws<AllocationException>(() => Allocate([cores[1], card[0]], "WARBOY-0_cores_1", "WARBOY-0"));

        Assert.That(refusal.IsRequestWrong, Is.True);
        Assert.That(refusal.Message, Does.Contain("'WARBOY-0' and 'WARBOY-0_cores_1' share cores").And.Contains("Create the Pod anew"));
    }

    [Test]
    public void A_card_whose_device_node_is_gone_is_refused()
    {
        var list = Offer(DefaultPe.Fusion, Cards.Warboy(0));
        _host.Delete("/dev/npu0pe1");

        Assert.That(
            () => Allocate(list, "WARBOY-0"),
            Throws.TypeOf<AllocationException>().With.Message.Contains("'/dev/npu0pe1'").And.Message.Contains("driver"));
    }

    [Test]
    public void A_card_without_a_device_node_is_refused()
    {
        var list = Offer(DefaultPe.Fusion, Cards.Warboy(0) with { DeviceNodes = [] });

        Assert.That(
            () => Allocate(list, "WARBOY-0"),
            Throws.TypeOf<AllocationException>().With.Message.Contains("no device node").And.Message.Contains("driver"));
    }

    private IReadOnlyList<ListedUnit> Offer(DefaultPe defaultPe, params IReadOnlyList<NpuDevice> devices)
    {
        foreach (var node in devices.SelectMany(device => device.DeviceNodes))
            _host.Write(node.Path, "");

        return Cards.Units(defaultPe, devices);
    }

    /// <summary>It answers at once.</summary>
    private ContainerAllocation Allocate(IReadOnlyList<ListedUnit> units, params IReadOnlyList<string> ids) =>
        new UnitAllocator(Resource, _host.Root, () => AllocationPolicy.Packed, Cards.WithoutCdi)
            .AllocateAsync([.. ids.Select(id => units.Single(unit => unit.Id == id))], CancellationToken.None).AsTask().Result;
}
