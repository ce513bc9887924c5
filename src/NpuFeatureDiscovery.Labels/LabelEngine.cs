using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>Makes labels of what was read from a host. Pure, as far as the labellers are: equal input gives equal labels.</summary>
public static class LabelEngine
{
    /// <summary>The labels of a node; none at all where it has no NPU and <see cref="NoDevicePolicy.Remove"/> is asked for.</summary>
    /// <param name="node">What was read from the host.</param>
    /// <param name="options">Which labels are made.</param>
    /// <param name="labellers">Add labels to those of the profiles, in this order, and before the static labels.</param>
    /// <exception cref="ArgumentException">A profile of the options is unknown.</exception>
    /// <exception cref="LabelPublishException">A labeller failed.</exception>
    public static LabelSet Create(NodeSnapshot node, LabelOptions options, IEnumerable<ILabeller>? labellers = null)
    {
        var labels = new LabelSetBuilder();
        if (node.Devices.Count == 0 && options.NoDevice == NoDevicePolicy.Remove)
            return labels.Build();

        foreach (var name in options.Profiles.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var profile = LabelProfiles.Find(name, options)
                ?? throw new ArgumentException($"Label profile '{name}' is unknown.", nameof(options));
            profile.AddLabels(node, labels);
        }

        foreach (var labeller in labellers ?? [])
            Ask(labeller, node, labels);

        foreach (var label in options.StaticLabels)
            labels.Override(label);

        return labels.Build(node.Devices.Select(DeviceFeature.Of));
    }

    /// <summary>Whatever is wrong with code of others is a failure of this pass, and no end of the program.</summary>
    private static void Ask(ILabeller labeller, NodeSnapshot node, LabelSetBuilder labels)
    {
        try
        {
            labeller.AddLabels(node, labels);
        }
        catch (Exception exception)
        {
            throw new LabelPublishException(
                $"Labeller '{labeller.GetType()}' failed with {exception.GetType().Name} '{exception.Message}', and what is "
                + "published stays. Repair that labeller, or leave it out.", exception);
        }
    }
}
