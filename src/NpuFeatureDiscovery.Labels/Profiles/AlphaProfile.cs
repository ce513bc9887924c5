using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Profiles;

/// <summary>The two labels of the SDK 0.5 node labeller; a node without an NPU has none of them.</summary>
/// <param name="hardwareType">What a chip, not an FPGA, is called as a hardware type; without it such a card has none.</param>
internal sealed class AlphaProfile(string? hardwareType) : ILabelProfile
{
    private const string Prefix = "alpha.furiosa.ai/";

    public string Name => LabelProfiles.Alpha;

    public void AddLabels(NodeSnapshot node, LabelSetBuilder labels)
    {
        if (node.Devices.Count == 0)
            return;

        labels.Add(Prefix + "npu.family", DistinctNames.Join(node.Devices.Select(FamilyNames.BeforeRename)));
        var types = node.Devices.Select(HardwareTypeOf).OfType<string>().ToArray();
        if (types.Length > 0)
            labels.Add(Prefix + "npu.hwtype", DistinctNames.Join(types));
    }

    private string? HardwareTypeOf(NpuDevice device) => device.Platform == NpuPlatform.Vitis ? "u250" : hardwareType;
}
