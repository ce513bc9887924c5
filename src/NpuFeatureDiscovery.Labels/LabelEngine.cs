using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>Makes labels of what was read from a host. Pure: equal input gives equal labels.</summary>
public static class LabelEngine
{
    /// <summary>The labels of a node; none at all where it has no NPU and <see cref="NoDevicePolicy.Remove"/> is asked for.</summary>
    /// <exception cref="ArgumentException">A profile of the options is unknown.</exception>
    public static LabelSet Create(NodeSnapshot node, LabelOptions options)
    {
        var labels = new LabelSetBuilder();
        if (node.Devices.Count == 0 && options.NoDevice == NoDevicePolicy.Remove)
            return labels.Build();

        foreach (var name in options.Profiles)
        {
            var profile = LabelProfiles.Find(name)
                ?? throw new ArgumentException($"Label profile '{name}' is unknown.", nameof(options));
            profile.AddLabels(node, labels);
        }

        foreach (var label in options.StaticLabels)
            labels.Override(label);

        return labels.Build();
    }
}
