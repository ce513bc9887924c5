using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices.Tests.Reading;

public sealed class DeviceNodeNameTests
{
    private static readonly TestCaseData[] Names =
    [
        new("npu0", new DeviceNodeName(0, DeviceNodeRole.MultiCore)),
        new("npu255", new DeviceNodeName(255, DeviceNodeRole.MultiCore)),
        new("npu0_mgmt", new DeviceNodeName(0, DeviceNodeRole.Management)),
        new("npu12mgmt", new DeviceNodeName(12, DeviceNodeRole.Management)),
        new("npu0pe1", new DeviceNodeName(0, DeviceNodeRole.Core, new CoreRange(1, 1))),
        new("npu3pe0-1", new DeviceNodeName(3, DeviceNodeRole.Core, new CoreRange(0, 1))),
        new("npu0ch3", new DeviceNodeName(0, DeviceNodeRole.Channel, Number: 3)),
        new("npu0ch7r", new DeviceNodeName(0, DeviceNodeRole.RemoteChannel, Number: 7)),
        new("npu0dmar", new DeviceNodeName(0, DeviceNodeRole.RemoteDma)),
        new("npu0bar4", new DeviceNodeName(0, DeviceNodeRole.Bar, Number: 4)),
    ];

    [TestCaseSource(nameof(Names))]
    public void A_node_name_tells_card_role_and_cores(string text, object expected)
    {
        Assert.That(DeviceNodeName.TryParse(text, out var name), Is.True);
        Assert.That(name, Is.EqualTo(expected));
    }

    [TestCase("npu")]
    [TestCase("npu256")]
    [TestCase("npu00")]
    [TestCase("npu0pe")]
    [TestCase("npu0pe0-")]
    [TestCase("npu0pe-9")]
    [TestCase("npu0pe1-0")]
    [TestCase("npu0pe1-1")]
    [TestCase("npu0pe0-1-2")]
    [TestCase("npu0ch")]
    [TestCase("npu0chr")]
    [TestCase("npu0bar")]
    [TestCase("npu0mgmtx")]
    [TestCase("npux0")]
    [TestCase("NPU0")]
    public void Other_names_are_not_taken_for_nodes(string text) =>
        Assert.That(DeviceNodeName.TryParse(text, out _), Is.False);
}
