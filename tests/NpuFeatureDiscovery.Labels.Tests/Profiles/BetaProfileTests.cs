using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Tests.Profiles;

public sealed class BetaProfileTests
{
    [Test]
    public void Equal_cards_give_the_ten_labels_of_the_SDK_page() =>
        Assert.That(LabelsOf(Nodes.Warboy(0), Nodes.Warboy(1)), Is.EqualTo(new Dictionary<string, string>
        {
            ["driver.reference"] = "3def9c2",
            ["driver.version"] = "1.9.2",
            ["driver.version.major"] = "1",
            ["driver.version.minor"] = "9",
            ["driver.version.patch"] = "2",
            ["machine.name"] = "SYS-421GE-TNRT",
            ["machine.vendor"] = "Supermicro",
            ["npu.count"] = "2",
            ["npu.family"] = "warboy",
            ["npu.product"] = "warboyB0",
        }));

    [Test]
    public void RNGD_is_of_the_family_renegade()
    {
        var labels = LabelsOf(Nodes.Rngd(0));

        Assert.That((labels["npu.family"], labels["npu.product"]), Is.EqualTo(("renegade", "rngd")));
    }

    [Test]
    public void Different_cards_are_told_plainly_with_a_count_for_each_product()
    {
        var labels = LabelsOf(Nodes.Warboy(0), Nodes.Warboy(1), Nodes.Rngd(0));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(labels["npu.product"], Is.EqualTo("rngd_warboyB0"));
            Assert.That(labels["npu.family"], Is.EqualTo("renegade_warboy"));
            Assert.That(labels["npu.count"], Is.EqualTo("3"));
            Assert.That(labels["npu.rngd.count"], Is.EqualTo("1"));
            Assert.That(labels["npu.warboyB0.count"], Is.EqualTo("2"));
            Assert.That(labels["driver.version"], Is.EqualTo("mixed"));
            Assert.That(labels.Keys, Has.None.StartsWith("driver.version.").And.None.EqualTo("driver.reference"));
        }
    }

    [Test]
    public void Two_revisions_of_one_family_differ_in_product_alone()
    {
        var labels = LabelsOf(Nodes.Warboy(0), Nodes.Warboy(1, "warboyA0"));

        Assert.That((labels["npu.family"], labels["npu.product"]), Is.EqualTo(("warboy", "warboyA0_warboyB0")));
    }

    [Test]
    public void A_product_of_which_nothing_is_legal_has_no_count_of_its_own() =>
        Assert.That(
            LabelsOf(Nodes.Warboy(0), Nodes.Warboy(1, "()")).Where(label => label.Key.EndsWith("count", StringComparison.Ordinal)),
            Is.EquivalentTo(new Dictionary<string, string> { ["npu.count"] = "2", ["npu.warboyB0.count"] = "1" }));

    [Test]
    public void A_card_whose_driver_is_not_known_does_not_make_the_driver_mixed() =>
        Assert.That(LabelsOf(Nodes.Warboy(0, driver: null), Nodes.Warboy(1))["driver.version"], Is.EqualTo("1.9.2"));

    [Test]
    public void Builds_of_one_version_from_two_commits_are_mixed() =>
        Assert.That(
            LabelsOf(Nodes.Warboy(0, driver: "1.9.2, aaa"), Nodes.Warboy(1, driver: "1.9.2, bbb"))["driver.version"],
            Is.EqualTo("mixed"));

    [Test]
    public void An_unknown_driver_has_no_driver_label() =>
        Assert.That(LabelsOf(Nodes.Warboy(0, driver: null)).Keys, Has.None.StartsWith("driver."));

    [Test]
    public void A_driver_without_reference_has_the_version_labels_alone()
    {
        var labels = LabelsOf(Nodes.Warboy(0, driver: "1.10.0(rc1)"));

        Assert.That(labels["driver.version"], Is.EqualTo("1.10.0-rc1"));
        Assert.That(labels.Keys, Has.None.EqualTo("driver.reference"));
    }

    [Test]
    public void A_machine_without_DMI_has_no_machine_label()
    {
        var node = Nodes.Of(Nodes.Warboy(0)) with { Machine = new Machine(null, null) };

        Assert.That(LabelsOf(node).Keys, Has.None.StartsWith("machine."));
    }

    [Test]
    public void A_card_counts_whether_healthy_or_not()
    {
        var dead = Nodes.Warboy(1) with { Health = new DeviceHealth(HealthState.Unhealthy, "alive is 0") };

        Assert.That(LabelsOf(Nodes.Warboy(0), dead)["npu.count"], Is.EqualTo("2"));
    }

    private static Dictionary<string, string> LabelsOf(params ReadOnlySpan<NpuDevice> devices) => LabelsOf(Nodes.Of(devices));

    private static Dictionary<string, string> LabelsOf(NodeSnapshot node) =>
        LabelEngine.Create(node, new LabelOptions()).Labels.ToDictionary(
            label => label.Key["beta.furiosa.ai/".Length..], label => label.Value);
}
