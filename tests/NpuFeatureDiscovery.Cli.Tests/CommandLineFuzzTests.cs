using System.Text;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class CommandLineFuzzTests
{
    private static readonly FuzzTarget Target = new("command-line")
    {
        Samples =
        [
            .. new[]
            {
                "label\0--oneshot\0--output\0-\0--profile\0beta,current\0--interval=30s\0--label\0example.com/a=1",
                "device-plugin\0--default-pe\0Fusion\0--resource-name\0beta.furiosa.ai/{family}\0--disabled-devices\0npu0",
                "metrics-exporter\0--port\06254\0--address\0[::1]:80\0--device-timeout\02s\0--max-series=10",
                "agent\0--config-file\0/none\0--enable\0label", "devices\0--output\0wide", "validate\0--nfd\0v0.18.3\0--now\02026-01-01T00:00:00Z\0f",
                "doctor\0--bundle\0x.tar.gz\0--features-dir\0/a", "[suggest:3]\0label\0--o", "completion\0bash",
            }.Select(Encoding.UTF8.GetBytes),
        ],
        Words = ["\0--", "\0-", "\0", "=", "--", "--help", "[suggest]", "[diagram]", "@/dev", "@/dev/null", "--interval", "--output", "''", "\""],
        MaxSize = 16 * 1024,
        Rounds = 2_000,
        BytesPerByte = 20_000,
    };

    [Test]
    public void Whatever_the_arguments_are_they_are_a_command_or_told_as_mistakes()
    {
        var root = CommandLineApplication.CreateRoot(
            Stream.Null, TextWriter.Null, TextWriter.Null, ProgramName.Own, _ => null, new OutputDevice(null));
        Fuzz.Check(Target, input =>
        {
            var parsed = root.Parse(Encoding.UTF8.GetString(input).Split('\0'), CommandLineApplication.Parsing);
            var mistakes = UsageErrors.Describe(parsed);
            Fuzz.Require(mistakes.Count == 0 ? parsed.Errors.Count == 0 : mistakes.All(mistake => mistake.Length > 0), "A mistake is not told.");
        });
    }
}
