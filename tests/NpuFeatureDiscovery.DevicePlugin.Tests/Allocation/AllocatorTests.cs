using NpuFeatureDiscovery.DevicePlugin.Allocation;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Allocation;

public sealed class AllocatorTests : IDisposable
{
    private const string Resource = "beta.furiosa.ai/npu";

    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [Test]
    public void A_card_comes_with_its_nodes_and_is_named_in_environment_and_annotation()
    {
        var container = Allocate(Offer(DefaultPe.Fusion, Cards.Warboy(0)), "WARBOY-0").Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(container.DeviceNodes, Is.EqualTo(
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

        var container = Allocate(list, "WARBOY-10", "WARBOY-0", "WARBOY-2").Single();

        Assert.That(container.Environment["NPU_DEVNAME"], Is.EqualTo("npu0pe0-1,npu2pe0-1,npu10pe0-1"));
        Assert.That(container.Environment["NPU_NPUNAME"], Is.EqualTo("npu0,npu2,npu10"));
    }

    [Test]
    public void Cores_of_one_card_bring_what_they_share_once()
    {
        var container = Allocate(Offer(DefaultPe.Single, Cards.Warboy(0)), "WARBOY-0_cores_1", "WARBOY-0_cores_0").Single();

        Assert.That(container.DeviceNodes, Is.EquivalentTo(["/dev/npu0_mgmt", "/dev/npu0ch0", "/dev/npu0pe0", "/dev/npu0pe1"]));
        Assert.That(container.Environment["NPU_DEVNAME"], Is.EqualTo("npu0pe0,npu0pe1"));
    }

    [Test]
    public void The_lists_of_the_environment_run_in_step()
    {
        var environment = Allocate(Offer(DefaultPe.Fusion, Cards.Rngd(1)), "RNGD-1").Single().Environment;

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

        var first = Allocate(list, "WARBOY-0").Single();
        var again = Allocate(list, "WARBOY-0").Single();

        Assert.That(again.Environment, Is.EquivalentTo(first.Environment));
        Assert.That(again.DeviceNodes, Is.EqualTo(first.DeviceNodes));
    }

    [TestCase("WARBOY-9", "'WARBOY-9' is none of 'beta.furiosa.ai/npu'", "WARBOY-0, WARBOY-1", "Create the Pod anew")]
    [TestCase("", "''", "Create the Pod anew")]
    [TestCase("WARBOY-0,WARBOY-0", "'WARBOY-0' is asked for more than once")]
    [TestCase("WARBOY-0,WARBOY-0_cores_1", "'WARBOY-0' and 'WARBOY-0_cores_1' share cores")]
    [TestCase("WARBOY-0_cores_0-1,WARBOY-0_cores_1", "share cores")]
    public void A_wrong_request_is_refused_with_device_reason_and_remedy(string ids, params string[] words)
    {
        var list = Offer(DefaultPe.Fusion, Cards.Warboy(0), Cards.Warboy(1));

        var refusal = Assert.Throws<AllocationException>(() => Allocate(list, ids.Split(',')));

        Assert.That(refusal.IsRequestWrong, Is.True);
        foreach (var word in words)
            Assert.That(refusal.Message, Does.Contain(word));
    }

    [Test]
    public void A_request_without_ids_is_refused() =>
        Assert.That(
            () => Allocate(Offer(DefaultPe.Fusion, Cards.Warboy(0))),
            Throws.TypeOf<AllocationException>().With.Message.Contains("names no device"));

    [Test]
    public void Containers_of_one_call_cannot_share_a_card()
    {
        var list = Offer(DefaultPe.Fusion, Cards.Warboy(0));

        Assert.That(
            () => Allocator.Allocate(Resource, list, _host.Root, [["WARBOY-0"], ["WARBOY-0"]]),
            Throws.TypeOf<AllocationException>().With.Message.Contains("more than once"));
    }

    [Test]
    public void An_unhealthy_card_is_refused_with_reason_and_time()
    {
        var healthy = Offer(DefaultPe.Fusion, Cards.Warboy(0)).Units.Single();
        var list = new UnitList([healthy with { State = UnitState.Unhealthy, Reason = "alive is 0" }]);

        var refusal = Assert.Throws<AllocationException>(() => Allocate(list, "WARBOY-0"));

        Assert.That(refusal.IsRequestWrong, Is.False);
        Assert.That(refusal.Message, Does.Contain("'WARBOY-0' (npu0)").And.Contain("alive is 0").And.Contain("2026-01-01 00:00:00Z"));
    }

    [Test]
    public void A_disabled_card_is_refused()
    {
        var healthy = Offer(DefaultPe.Fusion, Cards.Warboy(0)).Units.Single();
        var list = new UnitList([healthy with { State = UnitState.Disabled, Reason = "it is disabled" }]);

        Assert.That(
            () => Allocate(list, "WARBOY-0"),
            Throws.TypeOf<AllocationException>().With.Message.Contains("'npu0' is among the disabled devices"));
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

    private UnitList Offer(DefaultPe defaultPe, params IReadOnlyList<NpuDevice> devices)
    {
        foreach (var node in devices.SelectMany(device => device.DeviceNodes))
            _host.Write(node.Path, "");

        return Cards.List(defaultPe, devices);
    }

    private IReadOnlyList<ContainerAllocation> Allocate(UnitList list, params IReadOnlyList<string> ids) =>
        Allocator.Allocate(Resource, list, _host.Root, [ids]);
}
