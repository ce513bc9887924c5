namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>Where the feature file stands.</summary>
public sealed class FeatureFileOptions
{
    /// <summary>The folder that nfd-worker reads; its path is fixed in every version of NFD.</summary>
    public const string DefaultFeaturesDirectory = "/etc/kubernetes/node-feature-discovery/features.d";

    /// <summary>The default of <see cref="FileName"/>.</summary>
    public const string DefaultFileName = "npu-feature-discovery";

    /// <summary>The folder of feature files. It must exist.</summary>
    /// <value>Default: <see cref="DefaultFeaturesDirectory"/>.</value>
    public string FeaturesDirectory { get; set; } = DefaultFeaturesDirectory;

    /// <summary>
    /// The file's name. NFD reads the files in order of their names, and where two give the same label the later name wins.
    /// </summary>
    /// <value>
    /// A plain name of up to 200 bytes that does not begin with '.', since NFD skips such files from 0.15 on. Default:
    /// <see cref="DefaultFileName"/>.
    /// </value>
    public string FileName { get; set; } = DefaultFileName;

    /// <summary>Says what is wrong with a file name; <see langword="null"/> where nothing is.</summary>
    public static string? FileNameError(string name) =>
        name.Length > 0 && name[0] != '.' && !name.AsSpan().ContainsAny('/', '\0') && System.Text.Encoding.UTF8.GetByteCount(name) <= 200
            ? null
            : $"'{name}' is no name for a feature file: allowed is a plain file name of 1 to 200 bytes that does not begin with '.'.";
}
