using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>Parses what sensors say.</summary>
internal static class SensorText
{
    public static bool TryParseNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out number);

    /// <summary>Reads a line of <c>atr_error</c>, such as <c>AXI Post Error: 0</c>.</summary>
    public static bool TryParseError(ReadOnlySpan<char> line, [NotNullWhen(true)] out ErrorCount? error)
    {
        error = null;
        var colon = line.LastIndexOf(':');
        if (colon < 0 || line[..colon].Trim() is not { IsEmpty: false } name
            || !TryParseNumber(line[(colon + 1)..], out var count) || count < 0)
            return false;

        error = new ErrorCount(name.ToString().ToLowerInvariant().Replace(' ', '_'), count);
        return true;
    }

    /// <summary>Reads a line of <c>ne_clk_freq_info</c>, such as <c>dram (MT/s): 4266</c>.</summary>
    public static bool TryParseClock(ReadOnlySpan<char> line, [NotNullWhen(true)] out ClockReading? clock)
    {
        clock = null;
        var open = line.IndexOf('(');
        var close = line.IndexOf("):");
        if (open < 0 || close < open || line[..open].Trim() is not { IsEmpty: false } name
            || !TryParseUnit(line[(open + 1)..close], out var unit)
            || !TryParseNumber(line[(close + 2)..], out var value) || value < 0)
            return false;

        clock = new ClockReading(name.ToString(), value, unit);
        return true;
    }

    /// <summary>Reads the form <c>4 (FULL 1)</c>, with or without a name.</summary>
    public static bool TryParsePerformanceMode(string text, [NotNullWhen(true)] out PerformanceMode? mode)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var isNumber = int.TryParse(
            open < 0 ? text : text.AsSpan(0, open), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number);
        var isWhole = isNumber && (open < 0 || text.EndsWith(')'));
        mode = isWhole ? new PerformanceMode(number, open < 0 ? null : text[(open + 1)..^1].Trim()) : null;
        return isWhole;
    }

    /// <summary>Reads <c>perf_regs</c>, lines such as <c>CycleCount: 0x32cac355</c>; of its counters four are needed.</summary>
    /// <param name="text">What the file holds.</param>
    /// <param name="readAt">When it was read.</param>
    /// <param name="sample">The counters.</param>
    /// <param name="missing">The counter that is missing or not understood.</param>
    public static bool TryParseCounters(string text, TimeSpan readAt, out CounterSample sample, out string missing)
    {
        uint? task = null, tensor = null, cycles = null, cyclesHigh = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon < 0)
                continue;

            switch (line[..colon].Trim())
            {
                case "TaskExecutionTime":
                    task = Counter(line[(colon + 1)..]);
                    break;
                case "TensorExecutionTime":
                    tensor = Counter(line[(colon + 1)..]);
                    break;
                case "CycleCount":
                    cycles = Counter(line[(colon + 1)..]);
                    break;
                case "CycleCountHigh":
                    cyclesHigh = Counter(line[(colon + 1)..]);
                    break;
            }
        }

        missing = task is null ? "TaskExecutionTime"
            : tensor is null ? "TensorExecutionTime"
            : cycles is null ? "CycleCount"
            : "CycleCountHigh";
        sample = default;
        if (task is null || tensor is null || cycles is null || cyclesHigh is null)
            return false;

        sample = new CounterSample(readAt, ((ulong)cyclesHigh << 32) | cycles.Value, task.Value, tensor.Value);
        return true;
    }

    private static uint? Counter(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && uint.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
    }

    private static bool TryParseUnit(ReadOnlySpan<char> text, out ClockUnit unit)
    {
        unit = text is "MT/s" ? ClockUnit.MegatransfersPerSecond : ClockUnit.Megahertz;
        return text is "MT/s" or "MHz";
    }
}
