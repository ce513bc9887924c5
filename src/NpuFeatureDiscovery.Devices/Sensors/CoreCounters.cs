namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>The performance counters of one core or of several fused ones (<c>perf_regs</c>), which only Warboy has.</summary>
/// <param name="Cores">Which cores.</param>
/// <param name="Sample">
/// The counters; <see langword="null"/> while nobody uses the cores in this combination, as the driver refuses to read them then.
/// </param>
public sealed record CoreCounters(CoreRange Cores, CounterSample? Sample);

/// <summary>One reading of performance counters.</summary>
/// <param name="ReadAt">When, on the monotonic clock of the <see cref="SensorReader"/>.</param>
/// <param name="Cycles">Cycles that the clock made (<c>CycleCountHigh</c> and <c>CycleCount</c>).</param>
/// <param name="TaskCycles">Cycles in which a task ran (<c>TaskExecutionTime</c>); starts again at 0 after 2^32.</param>
/// <param name="TensorCycles">
/// Cycles in which tensors were computed (<c>TensorExecutionTime</c>); starts again at 0 after 2^32.
/// </param>
public readonly record struct CounterSample(TimeSpan ReadAt, ulong Cycles, uint TaskCycles, uint TensorCycles);
