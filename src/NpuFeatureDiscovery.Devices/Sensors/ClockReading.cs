namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>What a clock's value counts, in millions a second.</summary>
public enum ClockUnit
{
    /// <summary>MHz.</summary>
    Megahertz,

    /// <summary>MT/s, as for memory that transfers more than once a cycle.</summary>
    MegatransfersPerSecond,
}

/// <summary>How fast a part of a card is clocked (Warboy <c>ne_clk_freq_info</c>, RNGD <c>npu_clocks</c>).</summary>
/// <param name="Name">
/// What the driver calls it, such as <c>ne tensor</c> or <c>dram</c>. RNGD gives bare numbers, one a core, which are named
/// <c>pe0</c> to <c>pe7</c> and taken for MHz.
/// </param>
/// <param name="Value">The value in <paramref name="Unit"/>.</param>
/// <param name="Unit">What it counts.</param>
public sealed record ClockReading(string Name, long Value, ClockUnit Unit);
