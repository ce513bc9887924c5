using NpuFeatureDiscovery.DevicePlugin.Resources;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Resources;

public sealed class DeviceListTests
{
    [Test]
    public void The_order_is_that_of_the_source() =>
        Assert.That(new DeviceList([new("b"), new("a")]).Devices.Select(device => device.Id), Is.EqualTo(["b", "a"]));

    [Test]
    public void Of_devices_with_the_same_id_the_first_counts_and_the_other_is_reported()
    {
        var list = new DeviceList([new("a") { Name = "first" }, new("b"), new("a") { Name = "second" }]);

        Assert.That(list.Devices.Select(device => device.Title), Is.EqualTo(["first (a)", "b"]));
        Assert.That(list.Problems, Is.EqualTo(["'a' more than once, of which the first counts"]));
    }

    [Test]
    public void A_device_without_an_id_is_left_out_and_reported()
    {
        var list = new DeviceList([new(""), null!, new("a")]);

        Assert.That(list.Devices.Single().Id, Is.EqualTo("a"));
        Assert.That(list.Problems, Has.Count.EqualTo(2).And.All.Contains("without an id"));
    }

    [TestCase(63, 0)]
    [TestCase(64, 1)]
    public void An_id_that_is_longer_than_the_kubelet_s_API_allows_is_offered_and_reported(int length, int problems)
    {
        var list = new DeviceList([new(new string('x', length))]);

        Assert.That(list.Devices, Has.Count.EqualTo(1));
        Assert.That(list.Problems, Has.Count.EqualTo(problems));
    }

    [Test]
    public void What_does_not_fit_into_a_message_to_the_kubelet_is_left_out_and_reported()
    {
        var list = new DeviceList([.. Enumerable.Range(0, 60_000).Select(index =>
            new PluginDevice($"{index:D63}") { State = PluginDeviceState.Unhealthy, NumaNodes = [1, 63] })]);

        var message = new ListAndWatchResponse
        {
            Devices =
            {
                list.Devices.Select(device => new Device
                {
                    Id = device.Id,
                    Health = "Unhealthy",
                    Topology = new TopologyInfo { Nodes = { device.NumaNodes.Select(node => new NumaNode { Id = node }) } },
                }),
            },
        };
        Assert.That(message.CalculateSize(), Is.InRange(DeviceList.MaxMessageBytes * 9 / 10, DeviceList.MaxMessageBytes));
        Assert.That(list.Problems.Single(), Does.StartWith("60000 devices").And.Contains("4194304 bytes"));
    }

    [Test]
    public void Numa_nodes_are_told_once_each_without_those_that_no_kubelet_knows()
    {
        var list = new DeviceList([new("a") { NumaNodes = [3, 0, -1, 64, 3] }, new("b") { NumaNodes = [63] }]);

        Assert.That(list.Devices.Select(device => device.NumaNodes), Is.EqualTo((int[][])[[0, 3], [63]]));
        Assert.That(list.TellsNumaNodes, Is.True);
    }

    [TestCase]
    [TestCase(-1)]
    [TestCase(64)]
    public void Where_one_device_has_no_numa_node_none_is_told(params int[] nodes) =>
        Assert.That(
            new DeviceList([new("a") { NumaNodes = [0] }, new("b") { NumaNodes = [.. nodes] }]).TellsNumaNodes, Is.False);

    [Test]
    public void Lists_are_equal_where_the_kubelet_is_told_the_same()
    {
        var device = new PluginDevice("a") { NumaNodes = [0], State = PluginDeviceState.Unhealthy };
        var list = new DeviceList([device, new("b") { NumaNodes = [0] }]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(list, Is.EqualTo(new DeviceList([new("b") { NumaNodes = [0] }, device with { Name = "another" }])), "order and name");
            Assert.That(list, Is.EqualTo(new DeviceList([device with { State = PluginDeviceState.Disabled }, new("b") { NumaNodes = [0] }])));
            Assert.That(list, Is.Not.EqualTo(new DeviceList([device with { State = PluginDeviceState.Healthy }, new("b") { NumaNodes = [0] }])));
            Assert.That(list, Is.Not.EqualTo(new DeviceList([device with { NumaNodes = [1] }, new("b") { NumaNodes = [0] }])));
            Assert.That(list, Is.Not.EqualTo(new DeviceList([device, new("c") { NumaNodes = [0] }])));
            Assert.That(list, Is.Not.EqualTo(new DeviceList([device])));
            Assert.That(new DeviceList([device, new("b")]), Is.EqualTo(new DeviceList([device with { NumaNodes = [1] }, new("b")])), "no nodes");
        }
    }
}
