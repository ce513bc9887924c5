namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class DeviceIdsTests
{
    private readonly DeviceIds _ids = new();

    [Test]
    public void A_card_is_known_by_its_uuid() =>
        Assert.That(_ids.Of([Card(0, "AAAA-0"), Card(1, "AAAA-1")]), Is.EqualTo(["AAAA-0", "AAAA-1"]));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("00000000-0000-0000-0000-000000000000")]
    [TestCase("A B")]
    [TestCase("X_cores_0")]
    [TestCase("0123456789012345678901234567890123456789012345678-long")]
    public void A_card_without_a_usable_uuid_is_known_by_its_pci_address(string? uuid) =>
        Assert.That(_ids.Of([Card(0, uuid)]), Is.EqualTo(["0000:00:00.0"]));

    [TestCase("AAAA-0")]
    [TestCase("aaaa-0")]
    public void Cards_that_share_a_uuid_are_known_by_their_pci_addresses(string same) =>
        Assert.That(
            _ids.Of([Card(0, "AAAA-0"), Card(1, same), Card(2, "AAAA-2")]),
            Is.EqualTo(["0000:00:00.0", "0000:01:00.0", "AAAA-2"]));

    [Test]
    public void A_card_keeps_its_id_when_the_other_with_its_uuid_goes()
    {
        _ids.Of([Card(0, "AAAA-0"), Card(1, "AAAA-0")]);

        Assert.That(_ids.Of([Card(1, "AAAA-0")]), Is.EqualTo(["0000:01:00.0"]));
    }

    [Test]
    public void A_card_is_found_by_its_id() => Assert.That(
        _ids.ById([Card(0, "AAAA-0"), Card(1, null)]).Select(card => $"{card.Key} {card.Value.Index}"),
        Is.EquivalentTo(["AAAA-0 0", "0000:01:00.0 1"]));

    private static NpuDevice Card(int index, string? uuid) => new()
    {
        Family = NpuFamily.Warboy,
        Platform = NpuPlatform.FuriosaAI,
        Product = "warboyB0",
        Index = index,
        PciAddress = new PciAddress(0, (byte)index, 0, 0),
        Uuid = uuid,
        Health = DeviceHealth.Healthy,
    };
}
