using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class NodeReaderTests : IDisposable
{
    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [Test]
    public void A_Warboy_card_is_read_whole()
    {
        _host.AddWarboy(0, "0000:6d:00.0");

        var device = Read().Devices.Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(device.Family, Is.EqualTo(NpuFamily.Warboy));
            Assert.That(device.Platform, Is.EqualTo(NpuPlatform.FuriosaAI));
            Assert.That(device.Product, Is.EqualTo("warboyB0"));
            Assert.That(device.Name, Is.EqualTo("npu0"));
            Assert.That(device.PciAddress, Is.EqualTo(PciAddress.Parse("0000:6d:00.0")));
            Assert.That(device.Uuid, Is.EqualTo("1B2E6C4D-0000-4A7F-9C31-000000000000"));
            Assert.That(device.Serial, Is.EqualTo("WBYB0236FH505K000"));
            Assert.That(device.DriverVersion, Is.EqualTo(new NpuVersion(1, 9, 2, null, "3def9c2")));
            Assert.That(device.FirmwareVersion, Is.EqualTo(new NpuVersion(1, 6, 0, null, "c1bebfd")));
            Assert.That(device.NumaNode, Is.Zero);
            Assert.That(device.CharDevice, Is.EqualTo(new DeviceNumber(234, 0)));
            Assert.That(device.Cores, Is.EqualTo([0, 1]));
            Assert.That(device.Health, Is.EqualTo(DeviceHealth.Healthy));
            Assert.That(device.DeviceNodes.Select(node => $"{node.Path} {node.Role} {node.Cores}".TrimEnd()), Is.EqualTo([
                "/dev/npu0_mgmt Management", "/dev/npu0 MultiCore",
                "/dev/npu0pe0 Core 0", "/dev/npu0pe1 Core 1", "/dev/npu0pe0-1 Core 0-1",
                "/dev/npu0ch0 Channel", "/dev/npu0ch1 Channel", "/dev/npu0ch2 Channel", "/dev/npu0ch3 Channel"]));
        }
    }

    [Test]
    public void A_card_knows_the_bridges_that_it_hangs_on()
    {
        _host.AddTwoSocketServer();

        var snapshot = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(snapshot.Devices.Select(device => $"{device.PciPath} {device.NumaNode}"), Is.EqualTo([
                "pci0000:0f/0000:0f:01.0/0000:10:00.0/0000:11:00.0 0", "pci0000:0f/0000:0f:01.0/0000:10:00.0/0000:11:01.0 0",
                "pci0000:0f/0000:0f:02.0/0000:20:00.0/0000:21:00.0 0", "pci0000:0f/0000:0f:02.0/0000:20:00.0/0000:21:01.0 0",
                "pci0000:4f/0000:4f:01.0/0000:50:00.0/0000:51:00.0 1", "pci0000:4f/0000:4f:01.0/0000:50:00.0/0000:51:01.0 1",
                "pci0000:4f/0000:4f:02.0/0000:60:00.0/0000:61:00.0 1", "pci0000:4f/0000:4f:02.0/0000:60:00.0/0000:61:01.0 1"]));
            Assert.That(snapshot.Problems, Is.Empty);
            Assert.That(Read(), Is.EqualTo(snapshot));
        }
    }

    [Test]
    public void A_link_to_the_bridges_is_read_and_never_followed()
    {
        var card = _host.AddWarboy(0, "0000:6d:00.0");
        _host.Delete(card.PciFolder);
        File.CreateSymbolicLink(_host.At(card.PciFolder), "../../../../../../outside/devices/pci0000:6c/0000:6c:01.0/0000:6d:00.0");

        Assert.That(Read().Devices.Single().PciPath, Is.EqualTo(new PciPath("pci0000:6c", [PciAddress.Parse("0000:6c:01.0")])));
    }

    [Test]
    public void An_RNGD_card_is_read_from_its_own_class_and_node_folder()
    {
        _host.AddRngd(0);

        var device = Read().Devices.Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(device.Family, Is.EqualTo(NpuFamily.Rngd));
            Assert.That(device.Product, Is.EqualTo("rngd"));
            Assert.That(device.Serial, Is.Null);
            Assert.That(device.Cores, Is.EqualTo(Enumerable.Range(0, 8)));
            Assert.That(device.Health.State, Is.EqualTo(HealthState.Healthy));
            Assert.That(device.DeviceNodes.Select(node => node.Path), Is.EqualTo([
                "/dev/rngd/npu0mgmt",
                "/dev/rngd/npu0pe0", "/dev/rngd/npu0pe1", "/dev/rngd/npu0pe2", "/dev/rngd/npu0pe3",
                "/dev/rngd/npu0pe4", "/dev/rngd/npu0pe5", "/dev/rngd/npu0pe6", "/dev/rngd/npu0pe7",
                "/dev/rngd/npu0pe0-1", "/dev/rngd/npu0pe2-3", "/dev/rngd/npu0pe4-5", "/dev/rngd/npu0pe6-7",
                "/dev/rngd/npu0pe0-3", "/dev/rngd/npu0pe4-7",
                "/dev/rngd/npu0ch0", "/dev/rngd/npu0ch0r", "/dev/rngd/npu0dmar", "/dev/rngd/npu0bar0"]));
        }
    }

    [Test]
    public void A_U250_is_of_the_Warboy_family_and_healthy_without_saying_so()
    {
        _host.AddU250(0);

        var device = Read().Devices.Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(device.Product, Is.EqualTo("u250"));
            Assert.That(device.Family, Is.EqualTo(NpuFamily.Warboy));
            Assert.That(device.Platform, Is.EqualTo(NpuPlatform.Vitis));
            Assert.That(device.Health, Is.EqualTo(DeviceHealth.Healthy));
            Assert.That(device.NumaNode, Is.Null);
        }
    }

    [TestCase("Warboy", "B0", ExpectedResult = "Warboy warboyB0")]
    [TestCase("Warboy", null, ExpectedResult = "Warboy warboy")]
    [TestCase("WarboyB0", "B0", ExpectedResult = "Warboy warboyB0")]
    [TestCase("WarboyA0", null, ExpectedResult = "Warboy warboyA0")]
    [TestCase("Renegade", null, ExpectedResult = "Rngd renegade")]
    [TestCase("RNGD-S", null, ExpectedResult = "Rngd rngd-s")]
    [TestCase(null, null, ExpectedResult = "Warboy warboy")]
    public string Product_is_the_device_type_with_its_revision(string? type, string? revision)
    {
        var card = _host.AddWarboy(0).Without("device_type", "soc_rev");
        if (type is not null)
            card.Set("device_type", type);
        if (revision is not null)
            card.Set("soc_rev", revision);

        var device = Read().Devices.Single();

        return $"{device.Family} {device.Product}";
    }

    [Test]
    public void Cards_of_both_families_with_the_same_index_stand_side_by_side()
    {
        _host.AddRngd(0);
        _host.AddWarboy(1);
        _host.AddWarboy(0);

        var devices = Read().Devices;

        Assert.That(devices.Select(device => $"{device.Family} {device.Name}"), Is.EqualTo(
            ["Warboy npu0", "Warboy npu1", "Rngd npu0"]));
    }

    [Test]
    public void A_host_without_a_driver_has_no_cards_and_no_problems()
    {
        var snapshot = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(snapshot.Devices, Is.Empty);
            Assert.That(snapshot.Problems, Is.Empty);
            Assert.That(snapshot.Machine, Is.EqualTo(new Machine("Supermicro", "SYS-421GE-TNRT")));
        }
    }

    [Test]
    public void All_256_cards_of_a_family_are_read_in_order_of_index()
    {
        for (var index = 0; index < 256; index++)
            _host.AddWarboy(index);

        var devices = Read().Devices;

        Assert.That(devices.Select(device => device.Index), Is.EqualTo(Enumerable.Range(0, 256)));
        Assert.That(devices[255].DeviceNodes, Has.Count.EqualTo(9));
    }

    [Test]
    public void Equal_hosts_give_equal_snapshots()
    {
        _host.AddWarboy(0);

        var first = Read();

        Assert.That(Read(), Is.EqualTo(first));
    }

    [Test]
    public void A_folder_without_sys_is_no_host()
    {
        _host.Delete("/sys");

        Assert.That(Read, Throws.TypeOf<HostUnreadableException>()
            .With.Message.Contain($"'{_host.Path}'").And.Message.Contain("sys"));
    }

    [TestCase("/sys/class")]
    [TestCase("/sys/devices")]
    public void A_part_of_sysfs_that_is_not_mounted_is_not_taken_for_no_cards(string folder)
    {
        _host.AddWarboy(0);
        _host.Delete(folder);

        Assert.That(Read, Throws.TypeOf<HostUnreadableException>()
            .With.Message.Contains($"'{_host.At(folder)}' is missing").And.Message.Contains($"Mount the host's {folder} there"));
    }

    [Test]
    public void A_class_folder_that_cannot_be_listed_is_not_taken_for_no_cards()
    {
        // A link to itself: listing it fails with ELOOP, for root too.
        File.CreateSymbolicLink(_host.At("/sys/class/npu_mgmt"), "npu_mgmt");

        Assert.That(Read, Throws.TypeOf<HostUnreadableException>().With.Message.Contain("npu_mgmt"));
    }

    [Test]
    public void A_reading_without_a_monitor_is_of_generation_0_and_compared_by_what_it_found()
    {
        _host.AddWarboy(0);
        var time = new ManualTimeProvider();
        using var reader = new NodeReader(_host.Root, time, new DeviceMonitorOptions());

        var first = reader.Read();
        time.Advance(TimeSpan.FromSeconds(1));
        var second = reader.Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.Generation, Is.Zero);
            Assert.That(second.ReadAt, Is.EqualTo(time.GetUtcNow()).And.Not.EqualTo(first.ReadAt));
            Assert.That(second, Is.EqualTo(first));
            Assert.That(second.GetHashCode(), Is.EqualTo(first.GetHashCode()));
        }
    }

    private NodeSnapshot Read() => new NodeReader(_host.Root).Read();
}
