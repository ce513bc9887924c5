using System.CommandLine;
using NpuFeatureDiscovery.Cli.Help;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Help;

[CancelAfter(120_000)]
public sealed class HelpExamplesTests
{
    private static IEnumerable<string> Examples => HelpExamples.All.Values.SelectMany(examples => examples.Select(example => example.Command));

    private static IEnumerable<string> Quick => Examples.Where(example =>
        example.Contains(" devices", StringComparison.Ordinal) && !example.Contains("--watch", StringComparison.Ordinal)
        && !example.Contains("--allocations", StringComparison.Ordinal)
        || example.Contains(" --output -", StringComparison.Ordinal) || example.Contains("completion", StringComparison.Ordinal));

    [Test]
    public void Every_command_has_examples_of_its_own()
    {
        Assert.That(HelpExamples.All.Keys, Is.EquivalentTo(Root().Subcommands.Select(command => command.Name).Append(ProgramName.Own)));
        foreach (var (command, examples) in HelpExamples.All.Where(pair => pair.Key != ProgramName.Own))
            Assert.That(examples.Select(example => example.Command), Is.Not.Empty.And.All.Contains($"{ProgramName.Own} {command}"));
    }

    [TestCaseSource(nameof(Examples))]
    public void An_example_is_right_usage(string example)
    {
        var parsed = Root().Parse(Arguments(example));

        Assert.That(UsageErrors.Describe(parsed), Is.Empty);
    }

    [TestCaseSource(nameof(Quick))]
    public async Task An_example_works_on_a_sample_node(string example)
    {
        string[] root = example.Contains("completion", StringComparison.Ordinal) || example.Contains("--root", StringComparison.Ordinal)
            ? [] : ["--root", Repository.At("samples/nodes/warboy-1")];

        var result = await CommandLine.RunAsync([.. Arguments(example), .. root]);

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Is.Not.Empty);
    }

    [Test]
    public async Task The_help_shows_them_below_the_options()
    {
        var result = await CommandLine.RunAsync("validate", "--help");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Output, Does.Match(
            @"(?s)Options:.*Examples:\n  npu-feature-discovery validate \S+features.d\n      Say what NFD .*\n\n$"));
    }

    private static string[] Arguments(string example)
    {
        var command = example.TrimEnd(')')[(example.IndexOf(ProgramName.Own, StringComparison.Ordinal) + ProgramName.Own.Length)..]
            .Replace("/host", Repository.At("samples/nodes/warboy-1"), StringComparison.Ordinal);
        var arguments = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return arguments[0].StartsWith('-') ? ["label", .. arguments] : arguments;
    }

    private static RootCommand Root() => CommandLineApplication.CreateRoot(
        Stream.Null, TextWriter.Null, TextWriter.Null, ProgramName.Own, _ => null, new OutputDevice(null));
}
