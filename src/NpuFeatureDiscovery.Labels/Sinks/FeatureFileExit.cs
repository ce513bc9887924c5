namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>What becomes of a feature file when the program that keeps it ends.</summary>
public enum FeatureFileExit
{
    /// <summary>
    /// Its lease is shortened to 2 minutes: a program that starts again in that time takes it over without a moment in which
    /// the Node lacks its labels. Without a lease the file stays. NFD before 0.14 knows no lease and keeps the labels.
    /// </summary>
    Lease,

    /// <summary>It is removed. Right where NFD is older than 0.14; the Node lacks its labels until the program runs again.</summary>
    Remove,

    /// <summary>It stays as it is, until its lease ends.</summary>
    Keep,
}
