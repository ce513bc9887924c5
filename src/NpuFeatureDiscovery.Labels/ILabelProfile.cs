using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>One generation of FuriosaAI's node labels.</summary>
internal interface ILabelProfile
{
    /// <summary>The name in <see cref="LabelOptions.Profiles"/>; see <see cref="LabelProfiles"/>.</summary>
    string Name { get; }

    /// <summary>Adds the labels of a node.</summary>
    void AddLabels(NodeSnapshot node, LabelSetBuilder labels);
}
