namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>How busy cores were between two samples of their counters.</summary>
/// <param name="Utilization">The share of the time in which a task ran, 0 to 1.</param>
/// <param name="ComputationRatio">
/// The share of that time in which tensors were computed, 0 to 1; the rest went to input and output. <see langword="null"/>
/// where no task ran.
/// </param>
public readonly record struct CoreUtilization(double Utilization, double? ComputationRatio)
{
    /// <summary>
    /// The clock makes at least one cycle in 2.2 ns while cores are in use. Where fewer were counted, the counters were stopped or
    /// set to 0 in between.
    /// </summary>
    private const double FewestCyclesPerNanosecond = 0.45;

    /// <summary>
    /// The most cycles that two samples may be apart, as more of them could hide that a 32-bit counter went round: about 2 seconds at
    /// Warboy's 2 GHz, 4 at 1 GHz.
    /// </summary>
    public const ulong MaxCycles = uint.MaxValue;

    /// <summary>Compares two samples of the same cores of the same card.</summary>
    /// <param name="older">The earlier sample.</param>
    /// <param name="newer">
    /// The later sample. Where the counters were set to 0 in between, or stood still, it counts by itself.
    /// </param>
    /// <returns>
    /// <see langword="null"/> where the samples tell nothing: no time or no cycle between them, or more than
    /// <see cref="MaxCycles"/>.
    /// </returns>
    public static CoreUtilization? Between(CounterSample older, CounterSample newer)
    {
        var elapsed = (newer.ReadAt - older.ReadAt).TotalNanoseconds;
        if (elapsed <= 0)
            return null;

        var wasReset = newer.Cycles < older.Cycles || (newer.Cycles - older.Cycles) / elapsed < FewestCyclesPerNanosecond;
        var (cycles, task, tensor) = wasReset
            ? (newer.Cycles, newer.TaskCycles, newer.TensorCycles)
            : (newer.Cycles - older.Cycles, unchecked(newer.TaskCycles - older.TaskCycles),
                unchecked(newer.TensorCycles - older.TensorCycles));
        if (cycles is 0 or > MaxCycles)
            return null;

        // The counters are not read at one instant, so that the part may seem a little more than the whole.
        var taskCycles = Math.Min(task, cycles);
        return new CoreUtilization(
            (double)taskCycles / cycles, taskCycles == 0 ? null : (double)Math.Min(tensor, taskCycles) / taskCycles);
    }
}
