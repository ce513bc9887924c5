namespace NpuFeatureDiscovery.Labels;

/// <summary>What a node without an NPU publishes.</summary>
public enum NoDevicePolicy
{
    /// <summary>A count of 0, and the labels of the machine.</summary>
    Count,

    /// <summary>No label at all.</summary>
    Remove,
}
