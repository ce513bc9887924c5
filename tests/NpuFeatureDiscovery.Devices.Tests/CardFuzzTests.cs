using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Devices.Tests;

/// <summary>A host whose first card writes anything into one of its files.</summary>
public sealed class CardFuzzTests : IDisposable
{
    private const int LongestReason = 500;

    private static readonly string[] Attributes =
    [
        "platform_type", "busname", "device_type", "soc_rev", "soc_uid", "device_uuid", "device_sn", "serial_number", "version", "fw_version",
        "dev", "cur_pe_ids", "device_state", "alive", "heartbeat", "atr_error", "ne_clk_freq_info", "npu_clocks", "performance_mode",
    ];

    private static readonly string[] PciFiles = ["numa_node", "vendor", "device"];

    private static readonly FuzzTarget Target = new("card-attribute")
    {
        Words = ["FuriosaAI", "VITIS", "Warboy", "WarboyB0", "RNGD", "Renegade", "B0", "0-1", "0,1,0-1", "1.9.2, 3def9c2", "0000:01:00.0"],
        MaxSize = 8 * 1024,
        Rounds = 200,
        BytesPerByte = 1_000,
    };

    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [TestCase(false)]
    [TestCase(true)]
    public void Whatever_one_card_writes_the_other_is_read_whole_and_the_problems_are_short_lines(bool isRngd)
    {
        var card = isRngd ? _host.AddRngd(0) : _host.AddWarboy(0);
        _host.AddWarboy(1);
        var files = FilesOf(card);
        var texts = files.Select(File.ReadAllBytes).ToArray();
        using var sensors = new SensorReader(_host.Root, TimeProvider.System, TimeSpan.FromSeconds(30));

        Fuzz.Check(Target, input =>
        {
            var index = input.Sum(octet => (int)octet) % files.Length;
            File.WriteAllBytes(files[index], input);
            try
            {
                using var reader = new NodeReader(_host.Root);
                var node = reader.Read();
                CheckProblems(node.Problems);
                Fuzz.Require(node.Devices.Any(device => device.Index == 1 && device.Health.State == HealthState.Healthy), "The other card suffers.");
                foreach (var readings in sensors.ReadAsync(node.Devices).GetAwaiter().GetResult())
                    CheckProblems(readings.Problems);
            }
            finally
            {
                File.WriteAllBytes(files[index], texts[index]);
            }
        });
    }

    private string[] FilesOf(CardTree card) =>
    [
        .. Attributes.Select(card.PathOf).Where(File.Exists),
        .. Directory.GetFiles(_host.At(card.HwmonFolder)),
        .. PciFiles.Select(name => _host.At($"{card.PciFolder}/{name}")).Where(File.Exists),
    ];

    private static void CheckProblems(IEnumerable<ReadProblem> problems)
    {
        foreach (var problem in problems)
            Fuzz.Require(problem.Reason.Length < LongestReason && !problem.Reason.Any(char.IsControl), $"{problem}");
    }
}
