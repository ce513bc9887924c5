using NpuFeatureDiscovery.DevicePlugin.Allocation;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Allocation;

public sealed class PreferredAllocationTests
{
    /// <summary>Four cards at node 0 and two at node 1, of which nothing else is known.</summary>
    private static readonly IReadOnlyList<ListedUnit> Cards6 = Cards.Units(
        DefaultPe.Fusion, Cards.Warboy(0, 0), Cards.Warboy(1, 1), Cards.Warboy(2, 0), Cards.Warboy(3, 1), Cards.Warboy(4, 0), Cards.Warboy(5, 0));

    /// <summary>Two sockets, two switches at each, two cards at each switch: 0 and 1 share a switch, 0 to 3 a socket.</summary>
    private static readonly IReadOnlyList<ListedUnit> Server8 = Cards.Units(DefaultPe.Fusion, [.. Enumerable.Range(0, 8).Select(OfServer)]);

    [TestCase("0 1 2 3", "", 2, "0 2", TestName = "Cards of one node are preferred, and of these where others are in use")]
    [TestCase("0 1 3 5 4", "", 2, "1 3", TestName = "The node with the least room to spare is preferred")]
    [TestCase("5 4 2 0", "", 2, "0 2", TestName = "Among equals the order is that of the list")]
    [TestCase("0 1 2 4 3", "", 4, "0 2 4 1", TestName = "Where no node has room for all, the one with the most is taken first")]
    [TestCase("0 1 2 3", "3", 2, "3 1", TestName = "What must be included is, and its node is preferred")]
    [TestCase("0 1", "0 1", 2, "0 1", TestName = "Nothing is added to what must be included if that is enough")]
    [TestCase("0 1 2", "0 1 2", 1, "0", TestName = "No more than asked for, even of what must be included")]
    [TestCase("0 1", "", 5, "0 1", TestName = "As many as there are, where there are fewer")]
    [TestCase("0 1", "", 0, "", TestName = "None if none is asked for")]
    [TestCase("0 1", "", -1, "", TestName = "None if fewer than none are asked for")]
    [TestCase("0 1", "", int.MaxValue, "0 1", TestName = "All if more are asked for than can be")]
    [TestCase("0 0 9 9 1", "", 3, "0 1 9", TestName = "Ids that are not known are taken last, and each id once")]
    [TestCase("0 1 2", "9", 3, "9 0 2", TestName = "An id that is not known is included if it must be")]
    [TestCase("", "2", 2, "2", TestName = "What must be included need not be available")]
    public void Choose(string available, string mustInclude, int size, string expected) =>
        Assert.That(Choose(Cards6, AllocationPolicy.Packed, Ids(available), Ids(mustInclude), size), Is.EqualTo(Ids(expected)));

    [TestCase("0 1 2 3 4 5 6 7", "", 2, "0 1", TestName = "Packed: cards of one switch")]
    [TestCase("0 1 2 3 4 5 6 7", "", 3, "0 1 2", TestName = "Packed: a switch, and beside it at the same host bridge")]
    [TestCase("0 1 2 3 4 5 6 7", "", 4, "0 1 2 3", TestName = "Packed: all of one host bridge")]
    [TestCase("0 2 5 7", "", 2, "0 2", TestName = "Packed: without a switch for all, one host bridge")]
    [TestCase("0 3 6 7", "0", 2, "0 3", TestName = "Packed: as near as can be to what is chosen already")]
    [TestCase("1 2 3 4 5 6 7", "", 1, "1", TestName = "Packed: a switch that is begun is filled up")]
    [TestCase("1 2 3 4 5 6 7", "", 2, "2 3", TestName = "Packed: a socket that is begun is filled up")]
    [TestCase("1 2 3 4 5 6 7", "", 4, "4 5 6 7", TestName = "Packed: a whole socket where the other is begun")]
    public void Packed(string available, string mustInclude, int size, string expected) =>
        Assert.That(Choose(Server8, AllocationPolicy.Packed, Ids(available), Ids(mustInclude), size), Is.EqualTo(Ids(expected)));

    [TestCase("0 1 2 3 4 5 6 7", "", 2, "0 4", TestName = "Spread: over sockets")]
    [TestCase("0 1 2 3 4 5 6 7", "", 3, "0 2 4", TestName = "Spread: over switches where the sockets do not suffice")]
    [TestCase("0 1 2 3 4 5 6 7", "", 4, "0 2 4 6", TestName = "Spread: over sockets and switches")]
    [TestCase("0 1 2 3 6", "", 3, "0 2 6", TestName = "Spread: over switches where a socket has no more")]
    [TestCase("0 1 2 3 4 5 6 7", "4", 2, "4 0", TestName = "Spread: as far as can be from what is chosen already")]
    [TestCase("1 2 3 4 5 6 7", "", 1, "4", TestName = "Spread: where most is free")]
    public void Spread(string available, string mustInclude, int size, string expected) =>
        Assert.That(Choose(Server8, AllocationPolicy.Spread, Ids(available), Ids(mustInclude), size), Is.EqualTo(Ids(expected)));

    [Test]
    public void The_kubelet_offers_what_its_node_has_or_all_and_gets_the_best_of_it()
    {
        var left = Ids("0 1 2 3 4 5 6 7").ToList();
        var socket1 = Ids("4 5 6 7");

        // Fewer than the node that the kubelet chose has; as many would be taken without asking.
        Assert.That(Take(socket1, [], 2), Is.EqualTo(Ids("4 5")));
        // The init container's, which the container after it must reuse.
        Assert.That(Take(Ids("4 5 6 7"), Ids("4"), 3), Is.EqualTo(Ids("4 6 7")));
        // More than any node has left.
        Assert.That(Take([.. left], [], 5), Is.EqualTo(Ids("0 1 2 3")));

        IReadOnlyList<string> Take(string[] offered, string[] mustInclude, int size)
        {
            var chosen = Choose(Server8, AllocationPolicy.Packed, [.. offered.Where(left.Contains)], mustInclude, size);
            left.RemoveAll(chosen.Contains);
            return chosen;
        }
    }

    [Test]
    public void Cards_without_a_known_node_are_taken_in_the_order_of_the_list()
    {
        var list = Cards.Units(DefaultPe.Fusion, Cards.Warboy(1, null), Cards.Warboy(0, null), Cards.Warboy(2, null));

        Assert.That(Choose(list, AllocationPolicy.Packed, Ids("2 1 0"), [], 2), Is.EqualTo(Ids("0 1")));
    }

    [Test]
    public void A_switch_behind_a_switch_is_nearer_than_the_outer_one()
    {
        const string outer = "pci0000:16/0000:16:02.0/0000:17:00.0/0000:18:0";
        var list = Cards.Units(DefaultPe.Fusion,
            Cards.Warboy(0, null).Behind($"{outer}0.0"),
            Cards.Warboy(1, null).Behind($"{outer}1.0"),
            Cards.Warboy(2, null).Behind($"{outer}2.0/0000:20:00.0/0000:21:00.0"),
            Cards.Warboy(3, null).Behind($"{outer}2.0/0000:20:00.0/0000:21:01.0"));

        Assert.That(Choose(list, AllocationPolicy.Packed, Ids("0 1 2 3"), [], 2), Is.EqualTo(Ids("2 3")));
        Assert.That(Choose(list, AllocationPolicy.Spread, Ids("0 1 2 3"), [], 3), Is.EqualTo(Ids("0 1 2")));
    }

    [TestCase(AllocationPolicy.Packed, 3, "RNGD-0_cores_5 RNGD-0_cores_6 RNGD-0_cores_7")]
    [TestCase(AllocationPolicy.Packed, 4, "RNGD-1_cores_0 RNGD-1_cores_1 RNGD-1_cores_2 RNGD-1_cores_3")]
    [TestCase(AllocationPolicy.Spread, 1, "RNGD-1_cores_0")]
    [TestCase(AllocationPolicy.Spread, 2, "RNGD-0_cores_5 RNGD-1_cores_0")]
    public void A_card_in_use_is_filled_up_or_spared(AllocationPolicy policy, int size, string expected)
    {
        var list = Cards.Units(DefaultPe.Single, Cards.Rngd(0), Cards.Rngd(1));
        string[] available = [.. list.Select(unit => unit.Id).Skip(5).Reverse()];

        Assert.That(Choose(list, policy, available, [], size), Is.EqualTo(expected.Split(' ')));
    }

    [Test]
    public void Of_a_device_of_any_vendor_node_and_id_are_all_that_is_known()
    {
        PluginDevice[] devices = [new("c") { NumaNodes = [1] }, new("a"), new("d") { NumaNodes = [0, 1] }, new("b") { NumaNodes = [0] }];
        var request = new PreferenceRequest(devices.ToDictionary(device => device.Id), ["x", "a", "d", "c", "b"], [], 4);

        Assert.That(PreferredAllocation.ByNumaNode(request), Is.EqualTo(["b", "d", "c", "a"]));
    }

    [Test]
    public void Units_that_cannot_be_given_any_more_are_taken_last()
    {
        ListedUnit[] list =
        [
            .. Cards6.Select(listed => listed.Unit.Device.Index == 0
                ? listed with { State = PluginDeviceState.Unhealthy, Reason = "it is dead" }
                : listed),
        ];

        Assert.That(Choose(list, AllocationPolicy.Packed, Ids("0 1 2"), [], 3), Is.EqualTo(Ids("1 2 0")));
    }

    private static NpuDevice OfServer(int index)
    {
        var (socket, root) = (index / 4, $"{index / 4 * 4}f");
        return Cards.Warboy(index, socket).Behind(
            $"pci0000:{root}/0000:{root}:0{index / 2 % 2}.0/0000:{1 + (index / 2)}0:00.0/0000:{1 + (index / 2)}1:0{index % 2}.0");
    }

    private static IReadOnlyList<string> Choose(
        IReadOnlyList<ListedUnit> units, AllocationPolicy policy, string[] available, string[] mustInclude, int size) =>
        new UnitAllocator("beta.furiosa.ai/npu", new HostRoot("/"), () => policy, Cards.WithoutCdi).Prefer(
            new PreferenceRequest(units.ToDictionary(unit => unit.Id, PluginDevice (unit) => unit), available, mustInclude, size));

    private static string[] Ids(string indices) =>
        [.. indices.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(index => $"WARBOY-{index}")];
}
