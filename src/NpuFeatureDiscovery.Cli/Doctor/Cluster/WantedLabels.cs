using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>
/// The labels that a host's cards give, with the options of the program that publishes them: nobody tells those here, but what is
/// published does.
/// </summary>
internal static class WantedLabels
{
    private const string HardwareType = "alpha.furiosa.ai/npu.hwtype";

    private static readonly Dictionary<string, string> Profiles = new(StringComparer.Ordinal)
    {
        ["beta.furiosa.ai"] = LabelProfiles.Beta,
        ["alpha.furiosa.ai"] = LabelProfiles.Alpha,
        ["furiosa.ai"] = LabelProfiles.Current,
    };

    /// <summary>The beginnings of the names that the profiles give; users may well have others in these namespaces.</summary>
    private static readonly string[] Names = ["npu.", "driver.", "firmware.", "machine."];

    /// <summary>Whether a key is one that a profile gives, or a tool before ours gave.</summary>
    public static bool IsOfProfile(string key) => key.Split('/') is [var prefix, var name]
        && Profiles.ContainsKey(prefix) && Names.Any(start => name.StartsWith(start, StringComparison.Ordinal));

    public static LabelSet Of(NodeSnapshot host, IReadOnlyList<Label> published)
    {
        // A node without NPUs may well have no labels, by --no-device.
        if (host.Devices.Count == 0 && published.Count == 0)
            return LabelSet.Empty;

        var prefixes = published.Select(label => label.Key.Split('/')[0]).Distinct();
        string[] profiles = [.. prefixes.Select(prefix => Profiles.GetValueOrDefault(prefix)).OfType<string>()];
        return LabelEngine.Create(host, new LabelOptions
        {
            Profiles = profiles.Length > 0 ? profiles : [LabelProfiles.Beta],
            HardwareType = published.FirstOrDefault(label => label.Key == HardwareType)?.Value,
            ReadmeAliases = published.Any(label => label.Key.StartsWith("furiosa.ai/npu.driver.", StringComparison.Ordinal)),
        });
    }
}
