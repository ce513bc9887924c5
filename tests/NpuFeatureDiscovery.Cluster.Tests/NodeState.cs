namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>What the API server told of a node at a time.</summary>
internal sealed record NodeState(long Timestamp, string[] Labels, string Capacity, string Allocatable);
