using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests;

/// <summary>Present, absent, unknown: what a reader with a memory makes of a card that it cannot read now.</summary>
public sealed class UnknownCardTests : IDisposable
{
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(5);

    private readonly HostTree _host = new();
    private readonly ManualTimeProvider _time = new();
    private readonly NodeReader _reader;

    public UnknownCardTests() => _reader = new NodeReader(
        _host.Root, _time, new DeviceMonitorOptions { KeepUnknown = Keep, ReadDeadline = TimeSpan.FromSeconds(1) });

    public void Dispose()
    {
        _reader.Dispose();
        _host.Dispose();
    }

    [Test]
    public void A_fact_that_cannot_be_read_stands_as_it_was_read_last_until_its_time_is_over()
    {
        var card = _host.AddWarboy(0);
        _reader.Read();
        card.WithUnreadable("version");

        Assert.That(_reader.Read().Devices.Single().DriverVersion?.ToString(), Is.EqualTo("1.9.2"));
        _time.Advance(Keep - TimeSpan.FromSeconds(1));
        Assert.That(_reader.Read().Devices.Single().DriverVersion?.ToString(), Is.EqualTo("1.9.2"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_reader.Read().Devices.Single().DriverVersion, Is.Null);
    }

    [Test]
    public void A_fact_that_is_absent_does_not_stand()
    {
        var card = _host.AddWarboy(0);
        _reader.Read();
        card.Without("version");

        Assert.That(_reader.Read().Devices.Single().DriverVersion, Is.Null);
    }

    [Test]
    public void The_machine_that_cannot_be_read_stands_as_well()
    {
        _reader.Read();
        _host.MakeUnreadable("/sys/class/dmi/id/sys_vendor");

        Assert.That(_reader.Read().Machine.Vendor, Is.EqualTo("Supermicro"));
    }

    [Test]
    public void Health_that_cannot_be_read_is_unknown_at_once()
    {
        var card = _host.AddWarboy(0);
        _reader.Read();
        card.WithUnreadable("alive");

        Assert.That(_reader.Read().Devices.Single().Health.State, Is.EqualTo(HealthState.Unknown));
    }

    [Test]
    [CancelAfter(30_000)]
    public void A_card_that_hangs_stands_with_unknown_health_and_one_problem_and_the_others_go_on()
    {
        var hanging = _host.AddWarboy(0);
        var other = _host.AddWarboy(1);
        var before = _reader.Read();
        hanging.Hang("platform_type");
        other.Set("fw_version", "2.0.0, abc");

        var first = _reader.Read();
        var second = _reader.Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Devices[0], Is.EqualTo(before.Devices[0] with
            {
                Health = new DeviceHealth(HealthState.Unknown, "platform_type cannot be read: no answer within 1 s"),
            }));
            Assert.That(first.Devices[1].FirmwareVersion?.ToString(), Is.EqualTo("2.0.0"));
            Assert.That(first.Problems.Single().Path, Is.EqualTo(hanging.PathOf("platform_type")));
            Assert.That(second, Is.EqualTo(first));
        }

        hanging.EndHang("platform_type", "FuriosaAI\n");
    }

    [Test]
    public void A_driver_that_reloads_does_not_make_its_cards_absent()
    {
        var card = _host.AddWarboy(0);
        var before = _reader.Read();
        card.Unload();
        _host.Delete("/sys/class/npu_mgmt");

        var during = _reader.Read();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(during.Devices.Single() with { Health = DeviceHealth.Healthy }, Is.EqualTo(before.Devices.Single()));
            Assert.That(during.Devices.Single().Health.State, Is.EqualTo(HealthState.Unknown));
            Assert.That(during.Problems.Single().Reason, Does.Contain("PCI bus"));
        }

        Directory.CreateDirectory(_host.At("/sys/class/npu_mgmt"));
        card.Load();
        Assert.That(_reader.Read(), Is.EqualTo(before));
    }

    [Test]
    public void A_driver_that_does_not_come_back_makes_its_cards_absent_in_the_end()
    {
        _host.AddRngd(0).Unload();
        var card = _host.AddWarboy(0);
        _reader.Read();
        card.Unload();
        _reader.Read();
        _time.Advance(Keep);

        Assert.That(_reader.Read().Devices, Is.Empty);
    }

    [Test]
    public void A_card_that_is_pulled_is_absent_at_once()
    {
        var card = _host.AddWarboy(0);
        _host.AddWarboy(1);
        _reader.Read();
        card.Remove();

        Assert.That(_reader.Read().Devices.Single().Index, Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_card_that_vanishes_in_the_middle_of_a_reading_leaves_no_half_a_card(CancellationToken token)
    {
        using var patient = new NodeReader(_host.Root, _time, new DeviceMonitorOptions { ReadDeadline = TimeSpan.FromMinutes(1) });
        _host.AddWarboy(1);
        var card = _host.AddWarboy(0).Hang("fw_version");
        var reading = Task.Run(patient.Read, token);

        // Opening a FIFO for writing waits until the reader has opened it: then it is in the middle of the card.
        await using (var firmware = new FileStream(card.PathOf("fw_version"), FileMode.Open, FileAccess.Write))
        {
            card.Remove();
            await firmware.WriteAsync("1.6.0, c1bebfd"u8.ToArray(), token);
        }

        var snapshot = await reading.WaitAsync(token);
        Assert.That(snapshot.Devices.Single().Index, Is.EqualTo(1));
        Assert.That(snapshot.Problems, Is.Empty);
    }

    [Test]
    public void Cards_that_cannot_be_listed_stand_until_their_time_is_over_and_then_are_not_known()
    {
        _host.AddWarboy(0);
        _reader.Read();
        _host.Delete("/sys/class/npu_mgmt");
        File.CreateSymbolicLink(_host.At("/sys/class/npu_mgmt"), "npu_mgmt");

        var snapshot = _reader.Read();

        Assert.That(snapshot.Devices.Single().Health.State, Is.EqualTo(HealthState.Unknown));
        Assert.That(snapshot.Problems.Single().Path, Is.EqualTo(_host.At("/sys/class/npu_mgmt")));
        _time.Advance(Keep);
        Assert.That(_reader.Read, Throws.TypeOf<HostUnreadableException>());
    }

    [Test]
    public void Cards_that_claim_the_same_PCI_address_are_read_all_the_same()
    {
        _host.AddWarboy(0, "0000:6d:00.0");
        _host.AddWarboy(1, "0000:6d:00.0");
        var first = _reader.Read();

        Assert.That(_reader.Read(), Is.EqualTo(first));
        Assert.That(first.Devices, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_card_that_is_there_again_is_read_anew()
    {
        var card = _host.AddWarboy(0);
        _reader.Read();
        card.Unload();
        _reader.Read();
        card.Set("version", "2.0.0, abc").Load();

        Assert.That(_reader.Read().Devices.Single().DriverVersion?.ToString(), Is.EqualTo("2.0.0"));
    }
}
