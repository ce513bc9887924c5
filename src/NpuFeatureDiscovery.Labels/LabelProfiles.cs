using NpuFeatureDiscovery.Labels.Profiles;

namespace NpuFeatureDiscovery.Labels;

/// <summary>The names of the label generations.</summary>
public static class LabelProfiles
{
    /// <summary>
    /// <c>beta.furiosa.ai/...</c>, the labels of the FuriosaAI SDK 0.7 to 0.10, and the default: choose it where manifests
    /// were written by the SDK's Kubernetes page.
    /// </summary>
    public const string Beta = "beta";

    private static readonly IReadOnlyList<ILabelProfile> All = [new BetaProfile()];

    /// <summary>Every name.</summary>
    public static IEnumerable<string> Names => All.Select(profile => profile.Name);

    internal static ILabelProfile? Find(string name) =>
        All.FirstOrDefault(profile => profile.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
