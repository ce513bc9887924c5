namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class PciPathTests
{
    private static readonly PciAddress Card = PciAddress.Parse("0000:17:00.0");

    [TestCase("../../../devices/pci0000:16/0000:16:02.0/0000:17:00.0", ExpectedResult = "pci0000:16/0000:16:02.0",
        TestName = "A card at a root port")]
    [TestCase("/sys/devices/pci0000:16/0000:17:00.0", ExpectedResult = "pci0000:16", TestName = "A card on the host's own bus")]
    [TestCase("../../../devices/LNXSYSTM:00/ACPI0004:00/VMBUS:00/47505500-0001/pcia1b2:00/0000:17:00.0",
        ExpectedResult = "pcia1b2:00", TestName = "A host bridge behind Hyper-V's bus")]
    [TestCase("../../../devices/platform/40000000.pcie/pci0000:00/0000:00:01.0/0000:17:00.0",
        ExpectedResult = "pci0000:00/0000:00:01.0", TestName = "A host bridge of an ARM platform")]
    [TestCase("../../../devices/pci0000:64/0000:64:05.5/pci10000:00/10000:00:02.0/0000:17:00.0",
        ExpectedResult = "pci0000:64/0000:64:05.5/10000:00:02.0", TestName = "A host bridge on a device of another")]
    [TestCase("../../../devices/pci0000:16/0000:16:02.0", ExpectedResult = null, TestName = "Another card's folder")]
    [TestCase("pci0000:16/oddity/0000:17:00.0", ExpectedResult = null, TestName = "Something between that is no bridge")]
    [TestCase("0000:16:02.0/0000:17:00.0", ExpectedResult = null, TestName = "No host bridge")]
    [TestCase("pci/0000:17:00.0", ExpectedResult = null, TestName = "A host bridge without a number")]
    [TestCase("", ExpectedResult = null, TestName = "Nothing")]
    public string? Path_of(string folder) => PciPath.TryParse(folder, Card, out var path) ? path.ToString() : null;

    [Test]
    public void Paths_are_compared_by_value() =>
        Assert.That(
            new PciPath("pci0000:16", [PciAddress.Parse("0000:16:02.0")]),
            Is.EqualTo(new PciPath("pci0000:16", [PciAddress.Parse("0000:16:02.0")]))
                .And.Not.EqualTo(new PciPath("pci0000:16", [PciAddress.Parse("0000:16:03.0")])));
}
