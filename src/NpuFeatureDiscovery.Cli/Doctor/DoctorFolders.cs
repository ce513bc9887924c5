namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>Where the other commands and their partners meet on this node, as this process sees it.</summary>
internal sealed record DoctorFolders
{
    /// <summary>The folder of NFD's feature files.</summary>
    public required string Features { get; init; }

    /// <summary>The name of our file in it.</summary>
    public required string FeatureFileName { get; init; }

    /// <summary>The kubelet's folder for device plugins.</summary>
    public required string Plugins { get; init; }

    /// <summary>The kubelet's folder where it finds sockets by itself.</summary>
    public required string Registry { get; init; }

    /// <summary>The kubelet's socket that tells which Pods hold what.</summary>
    public required string PodResources { get; init; }

    /// <summary>Where container runtimes look for CDI files.</summary>
    public required IReadOnlyList<string> Cdi { get; init; }

    /// <summary>The folder in which our file is written before it is moved into place.</summary>
    public string Staging => Path.Combine(Features, $".{FeatureFileName}.d");

    public string FeatureFile => Path.Combine(Features, FeatureFileName);
}
