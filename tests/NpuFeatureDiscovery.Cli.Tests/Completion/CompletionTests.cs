using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Completion;

[CancelAfter(120_000)]
public sealed class CompletionTests
{
    [TestCase("dev", "device-plugin devices")]
    [TestCase("--health", "--health-interval")]
    [TestCase("--output", "--output")]
    [TestCase("--output ", "- auto file node node-feature")]
    [TestCase("devices --output ", "json table wide yaml")]
    [TestCase("devices --output = y", "yaml")]
    [TestCase("devices --output =", "json table wide yaml")]
    [TestCase("devices --allo", "--allocations")]
    [TestCase("label --profile beta,", "beta,alpha beta,beta beta,current")]
    [TestCase("device-plugin --default-pe F", "Fusion")]
    [TestCase("device-plugin --interval ", "")]
    [TestCase("validate --nfd-version 0.8", "0.8")]
    [TestCase("completion ", "bash zsh")]
    [TestCase("no-such-command --", "")]
    public async Task In_bash_words_are_completed(string words, string expected, CancellationToken token)
    {
        var script = $$"""
            source <("$program" completion bash)
            COMP_WORDS=(npu-feature-discovery {{string.Join(' ', words.Split(' ').Select(word => $"'{word}'"))}})
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _npu_feature_discovery || :
            echo "${COMPREPLY[*]}"
            """;

        Assert.That(await TheProgram.ShellAsync(script, token), Is.EqualTo(new ProgramResult(0, expected + "\n", "")));
    }

    [Test]
    public async Task Every_command_and_option_is_completed(
        [Values("label", "device-plugin", "metrics-exporter", "devices", "validate")] string command, [Values("bash", "zsh")] string shell)
    {
        var script = (await CommandLine.RunAsync("completion", shell)).Output;
        var options = (await CommandLine.RunAsync(command, "--help")).Output.Split('\n').Select(line => line.Trim().Split(' ')[0])
            .Where(word => word.StartsWith("--", StringComparison.Ordinal));

        Assert.That(options, Is.Not.Empty);
        Assert.That(options.Where(option => !script.Contains(option, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task Another_shell_is_refused_with_those_that_there_are()
    {
        var result = await CommandLine.RunAsync("completion", "fish");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((2, "")));
        Assert.That(result.Error, Does.StartWith("npu-feature-discovery: Argument 'SHELL' does not take 'fish': allowed are bash and zsh."));
    }
}
