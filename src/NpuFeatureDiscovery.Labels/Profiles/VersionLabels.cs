using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Profiles;

/// <summary>Which version of a driver or a firmware the cards of a node have.</summary>
internal static class VersionLabels
{
    /// <summary>
    /// Adds the version and its three numbers; <c>mixed</c> alone where cards differ. A card whose version is not known does
    /// not differ.
    /// </summary>
    /// <param name="labels">Takes the labels.</param>
    /// <param name="key">The key of the version; those of the numbers extend it.</param>
    /// <param name="versions">The version of each card.</param>
    /// <param name="text">How the generation writes a version.</param>
    /// <returns>The one version, for what a generation tells of it beyond; <see langword="null"/> where there is none.</returns>
    public static NpuVersion? Add(
        LabelSetBuilder labels, string key, IEnumerable<NpuVersion?> versions, Func<NpuVersion, string> text)
    {
        var known = versions.OfType<NpuVersion>().Distinct().ToArray();
        if (known.Length > 1)
            labels.Add(key, "mixed");
        if (known is not [var version])
            return null;

        labels.Add(key, text(version));
        labels.Add(key + ".major", version.Major);
        labels.Add(key + ".minor", version.Minor);
        labels.Add(key + ".patch", version.Patch);
        return version;
    }
}
