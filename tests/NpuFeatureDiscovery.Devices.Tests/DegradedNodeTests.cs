using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests;

/// <summary>What a reading makes of cards that lack something or break.</summary>
public sealed class DegradedNodeTests : IDisposable
{
    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [Test]
    public void Whatever_is_optional_may_be_missing_and_is_named()
    {
        string[] optional = ["alive", "dev", "device_sn", "device_type", "device_uuid", "fw_version", "soc_rev", "version"];
        var card = _host.AddWarboy(0).Without(optional);

        var snapshot = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(snapshot.Devices, Has.Count.EqualTo(1));
            Assert.That(snapshot.Problems.Select(problem => problem.Kind), Is.All.EqualTo(ReadProblemKind.Missing));
            Assert.That(
                snapshot.Problems.Select(problem => problem.Path),
                Is.EquivalentTo(optional.Except(["soc_rev"]).Select(card.PathOf)));
        }
    }

    [TestCase("platform_type")]
    [TestCase("busname")]
    public void A_card_without_a_required_fact_is_left_out_and_named(string attribute)
    {
        _host.AddWarboy(0);
        var broken = _host.AddWarboy(1).Without(attribute);
        _host.AddWarboy(2);

        var snapshot = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(snapshot.Devices.Select(device => device.Index), Is.EqualTo([0, 2]));
            Assert.That(snapshot.Problems, Has.One.Matches<ReadProblem>(problem =>
                problem!.Kind == ReadProblemKind.DeviceLeftOut && problem.Path == Path.GetDirectoryName(broken.PathOf("dev"))
                && problem.Reason.Contains(attribute, StringComparison.Ordinal)));
        }
    }

    [TestCase("platform_type", "Foo", "FuriosaAI")]
    [TestCase("busname", "0000:zz:00.0", "0000:6d:00.0")]
    [TestCase("version", "garbage", "1.9.2, 3def9c2")]
    [TestCase("fw_version", "vgarbage", "1.9.2, 3def9c2")]
    [TestCase("dev", "0x234", "234:0")]
    public void A_text_that_is_not_understood_is_quoted_beside_what_was_expected(
        string attribute, string text, string expected)
    {
        var card = _host.AddWarboy(0).Set(attribute, text);

        Assert.That(Read().Problems, Has.One.Matches<ReadProblem>(problem =>
            problem!.Kind == ReadProblemKind.Malformed && problem.Path == card.PathOf(attribute)
            && problem.Reason.Contains($"'{text}'", StringComparison.Ordinal)
            && problem.Reason.Contains(expected, StringComparison.Ordinal)));
    }

    [Test]
    public void A_file_that_cannot_be_read_costs_only_its_own_fact()
    {
        var card = _host.AddWarboy(0).WithUnreadable("version");
        _host.AddWarboy(1);

        var snapshot = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(snapshot.Devices.Select(device => device.DriverVersion?.ToString()), Is.EqualTo([null, "1.9.2"]));
            Assert.That(snapshot.Problems.Single(), Has.Property("Kind").EqualTo(ReadProblemKind.Unreadable)
                .And.Property("Path").EqualTo(card.PathOf("version")));
        }
    }

    [Test]
    public void A_folder_in_place_of_a_file_is_unreadable()
    {
        var card = _host.AddWarboy(0).Without("fw_version");
        Directory.CreateDirectory(card.PathOf("fw_version"));

        Assert.That(Read().Problems.Single().Kind, Is.EqualTo(ReadProblemKind.Unreadable));
    }

    [Test]
    public void A_file_of_ten_megabytes_is_not_read_beyond_what_an_attribute_can_hold()
    {
        var card = _host.AddWarboy(0).Set("version", new string('1', 10_000_000));

        Assert.That(Read().Problems.Single(), Has.Property("Kind").EqualTo(ReadProblemKind.Unreadable)
            .And.Property("Path").EqualTo(card.PathOf("version"))
            .And.Property("Reason").Contain("4096"));
    }

    [Test]
    public void A_link_to_a_card_that_has_vanished_hides_no_other()
    {
        _host.AddWarboy(0);
        _host.Delete("/sys/devices/virtual/npu_mgmt/npu0_mgmt");
        _host.AddRngd(0);

        Assert.That(Read().Devices.Single().Family, Is.EqualTo(NpuFamily.Rngd));
    }

    [TestCase("0", HealthState.Unhealthy)]
    [TestCase("2", HealthState.Unhealthy)]
    [TestCase("", HealthState.Unknown)]
    [TestCase("dead", HealthState.Unknown)]
    public void A_card_that_does_not_say_1_tells_why_it_is_not_healthy(string alive, HealthState expected)
    {
        _host.AddWarboy(0).Set("alive", alive + "\n");

        var health = Read().Devices.Single().Health;

        Assert.That(health.State, Is.EqualTo(expected));
        Assert.That(health.Reason, Does.Contain("alive").And.Contain(alive));
    }

    [Test]
    public void RNGD_health_is_its_device_state()
    {
        _host.AddRngd(0).Set("device_state", "3\n");

        Assert.That(Read().Devices.Single().Health, Is.EqualTo(
            new DeviceHealth(HealthState.Unhealthy, "device_state is 3, and 1 while the card is alive")));
    }

    [Test]
    public void Health_that_cannot_be_read_is_unknown()
    {
        _host.AddWarboy(0).WithUnreadable("alive");

        Assert.That(Read().Devices.Single().Health.State, Is.EqualTo(HealthState.Unknown));
    }

    [TestCase("0", ExpectedResult = 0)]
    [TestCase("1", ExpectedResult = 1)]
    [TestCase("-1", ExpectedResult = null)]
    [TestCase("-2", ExpectedResult = null)]
    public int? A_NUMA_node_below_zero_is_none(string text)
    {
        _host.AddWarboy(0, "0000:6d:00.0");
        _host.Write("/sys/bus/pci/devices/0000:6d:00.0/numa_node", text + "\n");

        return Read().Devices.Single().NumaNode;
    }

    [Test]
    public void A_card_that_no_link_leads_to_has_no_known_bridges_and_no_problem()
    {
        _host.AddWarboy(0);

        var snapshot = Read();

        Assert.That(snapshot.Devices.Single().PciPath, Is.Null);
        Assert.That(snapshot.Problems, Is.Empty);
    }

    [Test]
    public void A_link_to_bridges_that_is_not_understood_is_a_problem_and_the_card_stays()
    {
        var card = _host.AddWarboy(0, "0000:6d:00.0");
        _host.Delete(card.PciFolder);
        File.CreateSymbolicLink(_host.At(card.PciFolder), "../../../devices/somewhere\n");

        var snapshot = Read();

        Assert.That(snapshot.Devices.Single().PciPath, Is.Null);
        Assert.That(
            snapshot.Problems.Single(problem => problem.Kind == ReadProblemKind.Malformed).ToString(),
            Is.EqualTo($"{_host.At(card.PciFolder)}: leads to '../../../devices/somewhere ', which is no place on the PCI bus such as "
                + "'.../pci0000:16/0000:16:02.0/0000:6d:00.0'"));
    }

    [Test]
    public void A_card_whose_nodes_are_gone_is_still_present()
    {
        _host.AddRngd(0);
        _host.Delete("/dev/rngd");

        var snapshot = Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(snapshot.Devices.Single().DeviceNodes, Is.Empty);
            Assert.That(snapshot.Problems, Has.Some.Property("Path").EqualTo(_host.At("/dev/rngd")));
        }
    }

    [Test]
    public void Folders_and_foreign_files_in_dev_are_no_device_nodes()
    {
        _host.AddWarboy(0);
        Directory.CreateDirectory(_host.At("/dev/npu0ch9"));
        _host.Write("/dev/npu0x", "");
        _host.Write("/dev/npux", "");

        Assert.That(Read().Devices.Single().DeviceNodes, Has.Count.EqualTo(9));
    }

    private NodeSnapshot Read() => new NodeReader(_host.Root).Read();
}
