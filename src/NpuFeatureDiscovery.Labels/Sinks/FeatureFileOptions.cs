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

    /// <summary>
    /// For how long the labels stand without being renewed: NFD 0.14 and later ignore them after that, so that an agent that
    /// was killed, or a card that took its node's agent along, leaves no label for ever. The lease is renewed at half its time.
    /// </summary>
    /// <value>
    /// <see langword="null"/>, the default: with <see cref="LabelsServiceCollectionExtensions.AddNpuLabels"/> three times the
    /// interval of reading, and at least 5 minutes; none in a sink that is made without it. Zero: none.
    /// </value>
    public TimeSpan? Lease { get; set; }

    /// <summary>What becomes of the file when the program ends.</summary>
    /// <value>Default: <see cref="FeatureFileExit.Lease"/>.</value>
    public FeatureFileExit OnExit { get; set; }

    /// <summary>The lease for an interval of reading, where nothing else is asked for.</summary>
    public static TimeSpan LeaseFor(TimeSpan interval) =>
        interval * 3 > TimeSpan.FromMinutes(5) ? interval * 3 : TimeSpan.FromMinutes(5);

    /// <summary>
    /// Says what is wrong with a lease; <see langword="null"/> where nothing is. It is checked at the interval of reading, and so
    /// can be renewed in time only where it lasts three of them.
    /// </summary>
    public static string? LeaseError(TimeSpan lease, TimeSpan interval) => lease == TimeSpan.Zero || lease >= interval * 3
        ? null
        : $"A lease of {lease} is too short: allowed is none, or at least three times the interval, which is {interval}.";

    /// <summary>Says what is wrong with a file name; <see langword="null"/> where nothing is.</summary>
    public static string? FileNameError(string name) =>
        name.Length > 0 && name[0] != '.' && !name.AsSpan().ContainsAny('/', '\0') && System.Text.Encoding.UTF8.GetByteCount(name) <= 200
            ? null
            : $"'{name}' is no name for a feature file: allowed is a plain file name of 1 to 200 bytes that does not begin with '.'.";
}
