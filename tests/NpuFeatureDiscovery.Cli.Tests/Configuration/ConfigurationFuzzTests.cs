using System.Text;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Cli.Tests.Configuration;

public sealed class ConfigurationFuzzTests
{
    private static readonly string[] Yaml =
    [
        ": ", "- ", "? ", "&a ", "*a", "!t ", "!!", "<<", "|\n", ">-\n", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! ", "[1", "b: {", "\\UFFFFFFFF",
        "\n  ", "~", "{}",
    ];

    private static readonly FuzzTarget PluginFile = new("device-plugin-file")
    {
        Words = [.. Yaml, .. DevicePluginFileKey.All.Select(key => key.Name), "devName", "nodeName", "npu255", "npu-001", "{pod}", "{family}"],
        MaxSize = 2 * ConfigurationText.MaxBytes,
        BytesPerByte = 1_000,
    };

    private static readonly FuzzTarget AgentFile = new("agent-file")
    {
        Words =
        [
            .. Yaml, "address", "enable", "interval", "healthInterval", "endpoint", "label", "metrics", "devicePlugin", "profile", "output",
            "maxSeries", "defaultPe", "disabledDevices", "resourceName", "@file", "--", "=", "9m", "1h", "[diagram]",
        ],
        MaxSize = 2 * ConfigurationText.MaxBytes,
        Rounds = 1_000,
        BytesPerByte = 10_000,
    };

    [Test]
    public void Whatever_a_plugin_s_file_holds_it_counts_or_each_mistake_is_told_with_its_place() => Fuzz.Check(
        PluginFile, input => Check("f.yaml", () => new DevicePluginFileReader("f.yaml", "npu-001").Parse(Content(input))));

    [Test]
    public void Whatever_an_agent_s_file_holds_it_counts_or_each_mistake_is_told_with_its_place()
    {
        var context = new AgentContext("npu-001", TextWriter.Null, _ => null);
        Fuzz.Check(AgentFile, input => Check("f.yaml", () => new AgentFileReader("f.yaml", context).Parse(Content(input))));
    }

    [Test]
    public void Whatever_a_duration_or_a_program_s_name_is_it_is_read_or_not() => Fuzz.Check(
        new FuzzTarget("duration") { Samples = ["15m"u8.ToArray(), "2147483647s"u8.ToArray(), "/bin/x\0-y"u8.ToArray()], Words = ["s", "m", "h"] },
        input =>
        {
            Fuzz.Require(!Duration.TryParse(Encoding.UTF8.GetString(input), out var time) || time >= TimeSpan.Zero, $"{time}");
            Fuzz.Require(ProgramName.Parse(input).Length > 0, "The program has no name.");
        });

    private static FileContent Content(byte[] bytes) =>
        new(EquatableArray.Create<byte>(bytes.AsSpan(0, Math.Min(bytes.Length, ConfigurationText.MaxBytes + 1))));

    private static void Check(string name, Action read)
    {
        try
        {
            read();
        }
        catch (ConfigurationFileException exception)
        {
            Fuzz.Require(exception.Mistakes.Count > 0, "No mistake is told.");
            foreach (var mistake in exception.Mistakes)
            {
                Fuzz.Require(mistake.StartsWith($"{name}:", StringComparison.Ordinal) && char.IsAsciiDigit(mistake[name.Length + 1]), mistake);
                Fuzz.Require(!mistake.Any(char.IsControl), $"It has a control character: {mistake}");
            }
        }
    }
}
