namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>What NFD does with an entry of its folder of feature files.</summary>
public enum NfdFileState
{
    /// <summary>It reads its lines.</summary>
    Read,

    /// <summary>It passes over it in silence, as it is meant to: a folder, or from 0.15 on a file whose name begins with a dot.</summary>
    Skipped,

    /// <summary>It cannot or will not read it, and takes all its labels off the Node.</summary>
    Refused,
}
