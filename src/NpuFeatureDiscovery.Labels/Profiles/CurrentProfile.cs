using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Profiles;

/// <summary>The labels of FuriosaAI's own feature discovery, and a count per product where the cards of a node differ.</summary>
/// <param name="readmeAliases">Whether the versions stand under the keys that its documentation names as well.</param>
internal sealed class CurrentProfile(bool readmeAliases) : ILabelProfile
{
    private const string Prefix = "furiosa.ai/";

    private static readonly CardLabels Cards = new(Prefix, FamilyNames.Current, ProductOf);

    public string Name => LabelProfiles.Current;

    public void AddLabels(NodeSnapshot node, LabelSetBuilder labels)
    {
        Cards.AddTo(labels, node.Devices);
        AddVersions(labels, Prefix, node.Devices);
        if (readmeAliases)
            AddVersions(labels, Prefix + "npu.", node.Devices);
    }

    /// <summary>The revision of a Warboy is no part of its name here.</summary>
    private static string ProductOf(NpuDevice device) =>
        device.Product.StartsWith("warboy", StringComparison.OrdinalIgnoreCase) ? "warboy" : device.Product;

    private static void AddVersions(LabelSetBuilder labels, string prefix, EquatableArray<NpuDevice> devices)
    {
        AddVersion(labels, prefix + "driver.version", devices.Select(device => device.DriverVersion));
        AddVersion(labels, prefix + "firmware.version", devices.Select(device => device.FirmwareVersion));
    }

    /// <summary>Where there is no reference or no prerelease there is no label: not every NFD set-up takes an empty value.</summary>
    private static void AddVersion(LabelSetBuilder labels, string key, IEnumerable<NpuVersion?> versions)
    {
        // The prerelease has a label of its own.
        var version = VersionLabels.Add(labels, key, versions, version => $"{version.Major}.{version.Minor}.{version.Patch}");
        labels.Add(key + ".metadata", version?.Reference);
        labels.Add(key + ".prerelease", version?.Prerelease);
    }
}
