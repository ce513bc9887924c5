namespace NpuFeatureDiscovery.Labels;

/// <summary>One generation of FuriosaAI's node labels.</summary>
internal interface ILabelProfile : ILabeller
{
    /// <summary>The name in <see cref="LabelOptions.Profiles"/>; see <see cref="LabelProfiles"/>.</summary>
    string Name { get; }
}
