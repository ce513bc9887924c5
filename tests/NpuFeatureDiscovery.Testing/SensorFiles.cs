namespace NpuFeatureDiscovery.Testing;

/// <summary>The sensor files that drivers make for a card, with readings of a card at rest.</summary>
internal static class SensorFiles
{
    /// <summary>Nine kinds of errors, which every driver counts.</summary>
    public const string Errors =
        """
        AXI Post Error: 0
        AXI Fetch Error: 0
        AXI Discard Error: 0
        AXI Doorbell done: 0
        PCIe Post Error: 0
        PCIe Fetch Error: 0
        PCIe Discard Error: 0
        PCIe Doorbell done: 0
        Device Error: 0

        """;

    public const string WarboyClocks =
        """
        ne tensor (MHz): 2000
        ne memory (MHz): 1000
        ne operation (MHz): 1000
        dram (MT/s): 4266

        """;

    public const string RngdClocks = "1000\n1000\n1000\n1000\n1000\n1000\n1000\n1000\n";

    /// <summary>The counters that utilization is made of, and two of the many others.</summary>
    public const string Counters =
        """
        ProgramCounter: 0x164c
        InstructionCount: 0x2af702
        TaskExecutionTime: 0x4a076873
        TensorExecutionTime: 0x3cf0db17
        CycleCount: 0x32cac355
        CycleCountHigh: 0xb

        """;

    private static readonly (string Label, int Millicelsius)[] WarboyTemperatures =
    [
        ("AMBIENT", 36000), ("LPDDR4", 37000), ("PCIE", 38000), ("U74M", 39000), ("NE", 40000), ("NE_TOP", 41000), ("NE_PE0", 42000),
        ("NE_PE1", 43000), ("Average", 40000), ("Peak", 43000),
    ];

    private static readonly (string Label, int Microwatts)[] WarboyPowers =
    [
        ("PCI Total RMS PWR", 9246000), ("PCI 12V PWR", 7621000), ("PCI 3.3V PWR", 1625000), ("NE 12V PWR", 5393000),
        ("NE PWR", 4656000), ("NE Core RMS PWR", 4573000),
    ];

    public static IEnumerable<(string Name, string Text)> WarboyHwmon(int index) =>
    [
        ("name", $"npu{index}\n"),
        .. Channels("temp", 1, "input", WarboyTemperatures),
        .. Channels("power", 1, "average", WarboyPowers),
        .. Channels("in", 0, "input", ("NE Core 48V Volt", 48116), ("NE Core Volt", 782)),
        .. Channels("curr", 1, "input", ("PCI 12V Curr", 635), ("PCI 3.3V Curr", 492), ("NE 12V Curr", 449), ("NE Current", 5954)),
    ];

    public static IEnumerable<(string Name, string Text)> RngdHwmon(int index) =>
    [
        ("name", $"rngd{index}\n"),
        .. Channels("temp", 1, "input",
            [("PEAK", 47350), .. Enumerable.Range(0, 8).Select(core => ($"NPU_PE{core}", 40000 + core)), ("AMBIENT", 31400)]),
        .. Channels("power", 1, "average", ("RMS_TOTAL", 85056000)),
    ];

    private static IEnumerable<(string Name, string Text)> Channels(
        string type, int first, string item, params IReadOnlyList<(string Label, int Value)> channels)
    {
        foreach (var (index, (label, value)) in channels.Index())
        {
            yield return ($"{type}{first + index}_label", label + "\n");
            yield return ($"{type}{first + index}_{item}", $"{value}\n");
        }
    }
}
