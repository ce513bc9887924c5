namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>Something that goes wrong on a node, and is over when <see cref="HappenAsync"/> is.</summary>
internal sealed record Fault(string Name, Func<ChaosNode, CancellationToken, Task> HappenAsync);
