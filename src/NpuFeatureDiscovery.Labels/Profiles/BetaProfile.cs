using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Profiles;

/// <summary>The ten labels of the SDK 0.8 page, and a count per product where the cards of a node differ.</summary>
internal sealed class BetaProfile : ILabelProfile
{
    private const string Prefix = "beta.furiosa.ai/";

    private static readonly CardLabels Cards = new(Prefix, FamilyNames.BeforeRename, device => device.Product);

    public string Name => LabelProfiles.Beta;

    public void AddLabels(NodeSnapshot node, LabelSetBuilder labels)
    {
        labels.Add(Prefix + "machine.vendor", node.Machine.Vendor);
        labels.Add(Prefix + "machine.name", node.Machine.Name);
        Cards.AddTo(labels, node.Devices);

        var drivers = node.Devices.Select(device => device.DriverVersion);
        var driver = VersionLabels.Add(labels, Prefix + "driver.version", drivers, version => version.ToString());
        labels.Add(Prefix + "driver.reference", driver?.Reference);
    }
}
