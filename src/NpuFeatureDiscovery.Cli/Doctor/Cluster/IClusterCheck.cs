namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Judges what was read of the cluster; calls nobody.</summary>
internal interface IClusterCheck
{
    /// <summary>What it finds; nothing where what it judges was not read, which is told once for all checks.</summary>
    IEnumerable<Finding> Judge(ClusterFacts facts);
}
