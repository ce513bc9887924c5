using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Tests.Profiles;

public sealed class AlphaProfileTests
{
    [Test]
    public void A_chip_has_a_family_and_no_hardware_type() =>
        Assert.That(LinesOf(null, Nodes.Warboy(0), Nodes.Warboy(1)), Is.EqualTo(["alpha.furiosa.ai/npu.family=warboy"]));

    [Test]
    public void A_chip_has_the_hardware_type_that_is_configured() =>
        Assert.That(LinesOf("haps", Nodes.Rngd(0)), Is.EqualTo(
            ["alpha.furiosa.ai/npu.family=renegade", "alpha.furiosa.ai/npu.hwtype=haps"]));

    [Test]
    public void The_FPGA_is_u250_whatever_is_configured([Values(null, "haps")] string? hardwareType) =>
        Assert.That(LinesOf(hardwareType, Fpga(0), Fpga(1)), Is.EqualTo(
            ["alpha.furiosa.ai/npu.family=warboy", "alpha.furiosa.ai/npu.hwtype=u250"]));

    [Test]
    public void Different_cards_are_told_plainly() =>
        Assert.That(LinesOf("zebu", Nodes.Warboy(0), Fpga(1), Nodes.Rngd(0)), Is.EqualTo(
            ["alpha.furiosa.ai/npu.family=renegade_warboy", "alpha.furiosa.ai/npu.hwtype=u250_zebu"]));

    [Test]
    public void A_node_without_NPU_has_no_label() => Assert.That(LinesOf("haps"), Is.Empty);

    private static NpuDevice Fpga(int index) => Nodes.Warboy(index, "u250") with { Platform = NpuPlatform.Vitis };

    private static IEnumerable<string> LinesOf(string? hardwareType, params ReadOnlySpan<NpuDevice> devices)
    {
        var options = new LabelOptions { Profiles = [LabelProfiles.Alpha], HardwareType = hardwareType };
        return LabelEngine.Create(Nodes.Of(devices), options).Labels.Select(label => label.ToString());
    }
}
