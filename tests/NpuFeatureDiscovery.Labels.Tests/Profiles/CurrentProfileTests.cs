using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Tests.Profiles;

public sealed class CurrentProfileTests
{
    [Test]
    public void Equal_cards_give_count_family_product_and_both_versions() =>
        Assert.That(LabelsOf(Warboy(0), Warboy(1)), Is.EqualTo(new Dictionary<string, string>
        {
            ["driver.version"] = "1.9.2",
            ["driver.version.major"] = "1",
            ["driver.version.metadata"] = "3def9c2",
            ["driver.version.minor"] = "9",
            ["driver.version.patch"] = "2",
            ["firmware.version"] = "1.6.0",
            ["firmware.version.major"] = "1",
            ["firmware.version.metadata"] = "c1bebfd",
            ["firmware.version.minor"] = "6",
            ["firmware.version.patch"] = "0",
            ["npu.count"] = "2",
            ["npu.family"] = "warboy",
            ["npu.product"] = "warboy",
        }));

    [Test]
    public void A_prerelease_has_a_label_of_its_own_and_is_no_part_of_the_version()
    {
        var labels = LabelsOf(Warboy(0, driver: "1.10.0(rc1), 3def9c2"));

        Assert.That((labels["driver.version"], labels["driver.version.prerelease"]), Is.EqualTo(("1.10.0", "rc1")));
    }

    [Test]
    public void What_a_version_does_not_have_gives_no_label() =>
        Assert.That(LabelsOf(Warboy(0, driver: "1.9.2", firmware: null)).Keys.Where(key => !key.StartsWith("npu.")),
            Is.EquivalentTo(["driver.version", "driver.version.major", "driver.version.minor", "driver.version.patch"]));

    [TestCase("warboy", ExpectedResult = "warboy")]
    [TestCase("warboyA0", ExpectedResult = "warboy")]
    [TestCase("warboyB0", ExpectedResult = "warboy")]
    [TestCase("u250", ExpectedResult = "u250")]
    [TestCase("rngd", ExpectedResult = "rngd")]
    [TestCase("rngd-s", ExpectedResult = "rngd-s")]
    [TestCase("rngd-max", ExpectedResult = "rngd-max")]
    public string A_product_is_what_the_driver_says_but_for_the_revision_of_a_Warboy(string product) =>
        LabelsOf(Nodes.Rngd(0, product))["npu.product"];

    [Test]
    public void Revisions_of_Warboy_are_one_product()
    {
        var labels = LabelsOf(Warboy(0), Nodes.Warboy(1, "warboyA0"));

        Assert.That(labels["npu.product"], Is.EqualTo("warboy"));
        Assert.That(labels.Keys, Has.None.EqualTo("npu.warboy.count"));
    }

    [Test]
    public void RNGD_is_of_the_family_rngd() => Assert.That(LabelsOf(Nodes.Rngd(0))["npu.family"], Is.EqualTo("rngd"));

    [Test]
    public void Different_cards_are_told_plainly_with_a_count_for_each_product()
    {
        var labels = LabelsOf(Warboy(0), Warboy(1), Nodes.Rngd(0) with { FirmwareVersion = Nodes.Version("1.0.0, 0abcdef") });

        Assert.That(labels, Is.EqualTo(new Dictionary<string, string>
        {
            ["driver.version"] = "mixed",
            ["firmware.version"] = "mixed",
            ["npu.count"] = "3",
            ["npu.family"] = "rngd_warboy",
            ["npu.product"] = "rngd_warboy",
            ["npu.rngd.count"] = "1",
            ["npu.warboy.count"] = "2",
        }));
    }

    [Test]
    public void Two_firmwares_under_one_driver_are_mixed_alone()
    {
        var labels = LabelsOf(Warboy(0), Warboy(1, firmware: "1.7.0, 0abcdef"));

        Assert.That((labels["driver.version"], labels["firmware.version"]), Is.EqualTo(("1.9.2", "mixed")));
    }

    [Test]
    public void A_card_whose_versions_are_not_known_does_not_make_a_node_mixed()
    {
        var labels = LabelsOf(Warboy(0, driver: null), Warboy(1, firmware: null));

        Assert.That((labels["driver.version"], labels["firmware.version"]), Is.EqualTo(("1.9.2", "1.6.0")));
    }

    [Test]
    public void A_node_without_NPU_counts_zero_and_says_no_more() =>
        Assert.That(LabelsOf(), Is.EqualTo(new Dictionary<string, string> { ["npu.count"] = "0" }));

    [Test]
    public void Each_version_label_has_an_alias_where_that_is_asked_for([Values] bool isMixed)
    {
        NpuDevice[] devices = [Warboy(0), Warboy(1, driver: isMixed ? "1.9.3(rc1), aaa" : "1.9.2, 3def9c2")];

        var plain = LabelsOf(devices);
        var aliased = LabelsOf(new LabelOptions { ReadmeAliases = true }, devices);

        var aliases = plain.Where(label => label.Key.Contains("version", StringComparison.Ordinal))
            .Select(label => KeyValuePair.Create("npu." + label.Key, label.Value));
        Assert.That(aliased, Is.EquivalentTo(plain.Concat(aliases)));
    }

    private static NpuDevice Warboy(int index, string? driver = "1.9.2, 3def9c2", string? firmware = "1.6.0, c1bebfd") =>
        Nodes.Warboy(index, driver: driver) with { FirmwareVersion = Nodes.Version(firmware) };

    private static Dictionary<string, string> LabelsOf(params ReadOnlySpan<NpuDevice> devices) =>
        LabelsOf(new LabelOptions(), devices);

    private static Dictionary<string, string> LabelsOf(LabelOptions options, params ReadOnlySpan<NpuDevice> devices)
    {
        options.Profiles = [LabelProfiles.Current];
        return LabelEngine.Create(Nodes.Of(devices), options).Labels.ToDictionary(
            label => label.Key["furiosa.ai/".Length..], label => label.Value);
    }
}
