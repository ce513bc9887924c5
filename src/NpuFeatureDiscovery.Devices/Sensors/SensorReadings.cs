namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>What the sensors of one card said at one moment. Immutable, and compared by value.</summary>
/// <remarks>
/// A sensor that is missing, unreadable or not understood is absent here and named in <see cref="Problems"/>; it takes no other
/// along.
/// </remarks>
public sealed record SensorReadings
{
    /// <summary>The card.</summary>
    public required NpuDevice Device { get; init; }

    /// <summary>
    /// Why nothing at all is known: a read of the card hangs. <see langword="null"/> where the card was read, whatever was missing.
    /// </summary>
    public string? Failure { get; init; }

    /// <summary>How long the card has been up (<c>heartbeat</c>), to the second.</summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>The errors that the card counts (<c>atr_error</c>), in the driver's order, each kind once.</summary>
    public EquatableArray<ErrorCount> Errors { get; init; } = [];

    /// <summary>The clocks, in the driver's order.</summary>
    public EquatableArray<ClockReading> Clocks { get; init; } = [];

    /// <summary>The performance mode, which only Warboy has.</summary>
    public PerformanceMode? PerformanceMode { get; init; }

    /// <summary>The temperatures, in order of channel.</summary>
    public EquatableArray<TemperatureReading> Temperatures { get; init; } = [];

    /// <summary>The powers, in order of channel.</summary>
    public EquatableArray<PowerReading> Powers { get; init; } = [];

    /// <summary>The voltages, in order of channel; RNGD has none.</summary>
    public EquatableArray<VoltageReading> Voltages { get; init; } = [];

    /// <summary>The currents, in order of channel; RNGD has none.</summary>
    public EquatableArray<CurrentReading> Currents { get; init; } = [];

    /// <summary>The performance counters, the wider core range last.</summary>
    public EquatableArray<CoreCounters> CoreCounters { get; init; } = [];

    /// <summary>
    /// The combinations of cores whose performance counters are there but could not be read or understood: whether somebody uses
    /// these cores is not known.
    /// </summary>
    public EquatableArray<CoreRange> UnknownCounters { get; init; } = [];

    /// <summary>What could not be made out, in order of reading.</summary>
    public EquatableArray<ReadProblem> Problems { get; init; } = [];

    /// <summary>
    /// The one temperature that stands for the whole card: Warboy's <c>Average</c>, which dashboards of the driver's
    /// own exporter show as the card's; else the peak, as on RNGD, which has no average. Never the ambient one: that is the air's.
    /// </summary>
    public TemperatureReading? CardTemperature =>
        Find(Temperatures, "Average", reading => reading.Label) ?? Find(Temperatures, "Peak", reading => reading.Label);

    /// <summary>The power that the whole card draws: Warboy's <c>PCI Total RMS PWR</c>, RNGD's <c>RMS_TOTAL</c>.</summary>
    public PowerReading? CardPower =>
        Find(Powers, "PCI Total RMS PWR", reading => reading.Label) ?? Find(Powers, "RMS_TOTAL", reading => reading.Label);

    private static T? Find<T>(EquatableArray<T> readings, string label, Func<T, string> labelOf) where T : class
    {
        foreach (var reading in readings)
        {
            if (labelOf(reading).Equals(label, StringComparison.OrdinalIgnoreCase))
                return reading;
        }

        return null;
    }
}
