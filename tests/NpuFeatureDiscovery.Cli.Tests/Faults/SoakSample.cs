using NpuFeatureDiscovery.Cli.Tests.Chaos;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>What the process held at a time since the churn began.</summary>
internal sealed record SoakSample(TimeSpan Time, ProcessFigures Figures);
