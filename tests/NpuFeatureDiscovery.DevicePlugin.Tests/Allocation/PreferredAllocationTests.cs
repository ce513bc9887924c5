using NpuFeatureDiscovery.DevicePlugin.Allocation;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Allocation;

public sealed class PreferredAllocationTests
{
    /// <summary>Four cards at node 0, of which three are not free, and two at node 1.</summary>
    private static readonly IReadOnlyList<ListedUnit> Cards6 = Cards.Units(
        DefaultPe.Fusion, Cards.Warboy(0, 0), Cards.Warboy(1, 1), Cards.Warboy(2, 0), Cards.Warboy(3, 1), Cards.Warboy(4, 0), Cards.Warboy(5, 0));

    [TestCase("0 1 2 3", "", 2, "0 2", TestName = "Cards of one node are preferred, the lower node first")]
    [TestCase("0 1 3 5 4", "", 2, "1 3", TestName = "The node with the least room to spare is preferred")]
    [TestCase("5 4 2 0", "", 2, "0 2", TestName = "Within a node the order is that of the PCI addresses")]
    [TestCase("0 1 2 4 3", "", 4, "0 2 4 1", TestName = "Where no node has room for all, the one with the most is taken first")]
    [TestCase("0 1 2 3", "3", 2, "3 1", TestName = "What must be included is, and its node is preferred")]
    [TestCase("0 1", "0 1", 2, "0 1", TestName = "Nothing is added to what must be included if that is enough")]
    [TestCase("0 1 2", "0 1 2", 1, "0", TestName = "No more than asked for, even of what must be included")]
    [TestCase("0 1", "", 5, "0 1", TestName = "As many as there are, where there are fewer")]
    [TestCase("0 1", "", 0, "", TestName = "None if none is asked for")]
    [TestCase("0 1", "", -1, "", TestName = "None if fewer than none are asked for")]
    [TestCase("0 0 9 9 1", "", 3, "0 1 9", TestName = "Ids that are not known are taken last, and each id once")]
    public void Chosen_are(string available, string mustInclude, int size, string expected) =>
        Assert.That(
            Choose(Cards6, Ids(available), Ids(mustInclude), size), Is.EqualTo(Ids(expected)));

    [Test]
    public void Cores_are_taken_card_by_card()
    {
        var list = Cards.Units(DefaultPe.Single, Cards.Warboy(0), Cards.Warboy(1));
        string[] available = [.. list.Select(device => device.Id).Reverse()];

        Assert.That(
            Choose(list, available, [], 3),
            Is.EqualTo(["WARBOY-0_cores_0", "WARBOY-0_cores_1", "WARBOY-1_cores_0"]));
    }

    [Test]
    public void Cards_without_a_known_node_are_taken_in_order_of_their_pci_addresses()
    {
        var list = Cards.Units(DefaultPe.Fusion, Cards.Warboy(1, null), Cards.Warboy(0, null), Cards.Warboy(2, null));

        Assert.That(Choose(list, Ids("2 1 0"), [], 2), Is.EqualTo(Ids("0 1")));
    }

    [Test]
    public void Of_a_device_of_any_vendor_node_and_id_are_all_that_is_known()
    {
        PluginDevice[] devices = [new("c") { NumaNodes = [1] }, new("a"), new("d") { NumaNodes = [0, 1] }, new("b") { NumaNodes = [0] }];
        var request = new PreferenceRequest(devices.ToDictionary(device => device.Id), ["x", "a", "d", "c", "b"], [], 4);

        Assert.That(PreferredAllocation.ByNumaNode(request), Is.EqualTo(["b", "d", "c", "a"]));
    }

    [Test]
    public void Any_request_is_answered_with_as_many_as_can_be_and_always_the_same()
    {
        var random = new Random(4);
        for (var round = 0; round < 2000; round++)
        {
            var available = Ids(string.Join(' ', Enumerable.Range(0, 8).Where(_ => random.Next(2) == 0)));
            string[] mustInclude = [.. available.Where(_ => random.Next(4) == 0)];
            var size = random.Next(0, 9);

            var chosen = Choose(Cards6, available, mustInclude, size);

            Assert.That(chosen, Has.Count.EqualTo(Math.Min(size, available.Length)).And.Unique.And.SubsetOf(available));
            Assert.That(chosen.Intersect(mustInclude).Count(), Is.EqualTo(Math.Min(size, mustInclude.Length)));
            random.Shuffle(available);
            Assert.That(Choose(Cards6, available, mustInclude, size), Is.EqualTo(chosen));
        }
    }

    private static IReadOnlyList<string> Choose(
        IReadOnlyList<ListedUnit> units, IReadOnlyList<string> available, IReadOnlyList<string> mustInclude, int size) =>
        new UnitAllocator("beta.furiosa.ai/npu", new HostRoot("/")).Prefer(
            new PreferenceRequest(units.ToDictionary(unit => unit.Id, PluginDevice (unit) => unit), available, mustInclude, size));

    private static string[] Ids(string indices) =>
        [.. indices.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(index => $"WARBOY-{index}")];
}
