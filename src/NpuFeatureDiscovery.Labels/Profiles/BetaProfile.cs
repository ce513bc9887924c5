using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Profiles;

/// <summary>The ten labels of the SDK 0.8 page, and a count per product where the cards of a node differ.</summary>
internal sealed class BetaProfile : ILabelProfile
{
    private const string Prefix = "beta.furiosa.ai/";

    public string Name => LabelProfiles.Beta;

    public void AddLabels(NodeSnapshot node, LabelSetBuilder labels)
    {
        labels.Add(Prefix + "machine.vendor", node.Machine.Vendor);
        labels.Add(Prefix + "machine.name", node.Machine.Name);
        AddCards(node.Devices, labels);
        AddDriver(node.Devices, labels);
    }

    /// <summary>A card counts while it is present, healthy or not.</summary>
    private static void AddCards(EquatableArray<NpuDevice> devices, LabelSetBuilder labels)
    {
        labels.Add(Prefix + "npu.count", devices.Count);
        if (devices.Count == 0)
            return;

        labels.Add(Prefix + "npu.family", JoinDistinct(devices.Select(FamilyName)));
        labels.Add(Prefix + "npu.product", JoinDistinct(devices.Select(device => device.Product)));

        var counts = devices.CountBy(device => LabelValue.Sanitise(device.Product)).ToArray();
        if (counts.Length == 1)
            return;

        // So that a selector can still ask for one product of a mixed node.
        foreach (var (product, count) in counts)
            labels.Add($"{Prefix}npu.{product}.count", count);
    }

    private static void AddDriver(EquatableArray<NpuDevice> devices, LabelSetBuilder labels)
    {
        var versions = devices.Select(device => device.DriverVersion).OfType<NpuVersion>().Distinct().ToArray();
        if (versions.Length > 1)
            labels.Add(Prefix + "driver.version", "mixed");
        if (versions is not [var version])
            return;

        labels.Add(Prefix + "driver.version", version.ToString());
        labels.Add(Prefix + "driver.version.major", version.Major);
        labels.Add(Prefix + "driver.version.minor", version.Minor);
        labels.Add(Prefix + "driver.version.patch", version.Patch);
        labels.Add(Prefix + "driver.reference", version.Reference);
    }

    private static string FamilyName(NpuDevice device) => device.Family == NpuFamily.Rngd ? "renegade" : "warboy";

    private static string JoinDistinct(IEnumerable<string> names) =>
        string.Join('_', names.Distinct().Order(StringComparer.Ordinal));
}
