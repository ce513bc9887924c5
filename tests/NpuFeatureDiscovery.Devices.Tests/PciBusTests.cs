using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class PciBusTests : IDisposable
{
    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [Test]
    public void Cards_are_found_by_their_vendor_whether_a_driver_shows_them_or_not()
    {
        Add("0000:6d:00.0", "0x1ed2\n");
        Add("0000:02:00.0", "0x1ED2\n");
        Add("0000:00:00.0", "0x8086\n");
        File.CreateSymbolicLink(_host.At("/sys/bus/pci/devices/0000:6d:00.0/driver"), "../../../../bus/pci/drivers/npu");

        Assert.That(PciBus.ReadFuriosa(_host.Root), Is.EqualTo((PciFunction[])[
            new(PciAddress.Parse("0000:02:00.0"), null), new(PciAddress.Parse("0000:6d:00.0"), "npu")]));
    }

    [Test]
    public void Virtual_functions_are_left_out()
    {
        Add("0000:6d:00.1", "0x1ed2\n");
        File.CreateSymbolicLink(_host.At("/sys/bus/pci/devices/0000:6d:00.1/physfn"), "../0000:6d:00.0");

        Assert.That(PciBus.ReadFuriosa(_host.Root), Is.Empty);
    }

    [TestCase("")]
    [TestCase("1ed2\n")]
    [TestCase("0xyz\n")]
    public void A_vendor_that_is_not_understood_is_not_ours(string vendor)
    {
        Add("0000:6d:00.0", vendor);

        Assert.That(PciBus.ReadFuriosa(_host.Root), Is.Empty);
    }

    [Test]
    public void A_host_without_the_bus_has_no_cards()
    {
        Directory.CreateDirectory(_host.At("/sys/bus"));

        Assert.That(PciBus.ReadFuriosa(_host.Root), Is.Empty);
    }

    [Test]
    public void A_bus_that_is_not_mounted_is_told() => Assert.That(
        () => PciBus.ReadFuriosa(_host.Root),
        Throws.TypeOf<HostUnreadableException>().With.Message.Contains("Mount the host's /sys/bus there, read-only."));

    [Test]
    public void Entries_that_lead_nowhere_are_told()
    {
        _host.Delete("/sys/devices");
        Directory.CreateDirectory(_host.At("/sys/bus/pci/devices"));
        File.CreateSymbolicLink(_host.At("/sys/bus/pci/devices/0000:6d:00.0"), "../../../devices/pci0000:6c/0000:6d:00.0");

        Assert.That(
            () => PciBus.ReadFuriosa(_host.Root),
            Throws.TypeOf<HostUnreadableException>().With.Message.Contains("Mount the host's /sys/devices there, read-only."));
    }

    [Test]
    public void A_place_without_a_card_is_empty()
    {
        Add("0000:6d:00.0", "0x1ed2\n");

        Assert.That(PciBus.Has(_host.Root, PciAddress.Parse("0000:6d:00.0")), Is.True);
        Assert.That(PciBus.Has(_host.Root, PciAddress.Parse("0000:6e:00.0")), Is.False);
    }

    private void Add(string address, string vendor) => _host.Write($"/sys/bus/pci/devices/{address}/vendor", vendor);
}
