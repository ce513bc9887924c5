namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>How busy one core was lately.</summary>
/// <param name="Core">Which core.</param>
/// <param name="Utilization">The share of the time in which a task ran, 0 to 1.</param>
/// <param name="ComputationRatio">The share of the tasks' time in which tensors were computed; null where no task ran.</param>
/// <param name="Busy">The time in which a task ran since the card was first seen; it only grows.</param>
public sealed record CoreLoad(int Core, double Utilization, double? ComputationRatio, TimeSpan Busy);
