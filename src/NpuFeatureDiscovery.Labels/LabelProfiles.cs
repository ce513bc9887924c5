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

    /// <summary>
    /// <c>alpha.furiosa.ai/...</c>, the family and the hardware type of the SDK 0.5 and 0.6: choose it where manifests were
    /// written for their node labeller. A node without an NPU has none of these labels.
    /// </summary>
    public const string Alpha = "alpha";

    /// <summary>
    /// <c>furiosa.ai/...</c>, the labels of FuriosaAI's own feature discovery of 2024 on: choose it where manifests were written
    /// for that. A version without a reference or a prerelease has no <c>.metadata</c> or <c>.prerelease</c>; the original
    /// writes an empty value, which not every NFD set-up accepts.
    /// </summary>
    public const string Current = "current";

    /// <summary>Every name.</summary>
    public static IEnumerable<string> Names => All(new LabelOptions()).Select(profile => profile.Name);

    internal static ILabelProfile? Find(string name, LabelOptions options) =>
        All(options).FirstOrDefault(profile => profile.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static IReadOnlyList<ILabelProfile> All(LabelOptions options) =>
        [new BetaProfile(), new AlphaProfile(options.HardwareType), new CurrentProfile(options.ReadmeAliases)];
}
