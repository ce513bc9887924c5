using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>Runs the commands of README.md as a newcomer would, in the order in which they stand there.</summary>
public sealed class ReadmeTests
{
    /// <summary>These run the tests, or take a clean clone's time: .ci/run reads them out of README.md and runs them.</summary>
    private static readonly string[] RunByCI = ["dotnet test", "dotnet publish", "dotnet pack"];

    [Test]
    [CancelAfter(120_000)]
    public async Task The_first_command_prints_the_labels_of_the_sample_node(CancellationToken token)
    {
        var result = await TheProgram.ShellAsync(Commands("README.md").First(), token);

        Assert.That(result.Output, Is.EqualTo(File.ReadAllText(Repository.At("samples/nodes/warboy-1.labels"))), result.Error);
    }

    [Test]
    public void The_second_command_runs_the_tests() => Assert.That(Commands("README.md").ElementAt(1), Is.EqualTo("dotnet test"));

    [Test]
    [CancelAfter(120_000)]
    public async Task The_commands_of_the_installation_publish_a_sample_node(CancellationToken token)
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.At("npu-feature-discovery"), TheProgram.Path);
        var script = Commands("README.md").Where(command => command.Contains("out/", StringComparison.Ordinal))
            .Select(command => command.Replace("out/", folder.Path + "/", StringComparison.Ordinal));

        var result = await TheProgram.ShellAsync(string.Join('\n', script), token);

        var labels = File.ReadAllText(Repository.At("samples/nodes/warboy-2.labels"));
        var difference = string.Concat(labels.TrimEnd().Split('\n').Select(label => $"+ {label}\n"));
        Assert.That(result.Output, Is.EqualTo(difference + labels), result.Error);
    }

    [Test]
    public void CI_runs_the_rest_as_it_stands_in_the_README()
    {
        var script = File.ReadAllText(Repository.At(".ci/run"));
        var commands = Commands("README.md").Select(command => string.Join(' ', command.Split(' ').Take(2)));

        Assert.That(commands.Where(command => command is not "dotnet run" && command.StartsWith("dotnet", StringComparison.Ordinal)),
            Is.EquivalentTo(RunByCI));
        foreach (var command in RunByCI)
            Assert.That(script, Does.Contain($"from_readme '{command}'"));
    }

    [Test]
    public void The_Korean_README_has_the_same_commands() =>
        Assert.That(Commands("README.ko.md"), Is.EqualTo(Commands("README.md")));

    [Test]
    public void The_Korean_README_names_the_same_options_and_labels() =>
        Assert.That(Codes("README.ko.md"), Is.SupersetOf(Codes("README.md")));

    [TestCase("label")]
    [TestCase("device-plugin")]
    [TestCase("devices")]
    [TestCase("metrics-exporter")]
    public async Task Every_option_of_a_command_stands_in_the_README(string command)
    {
        var help = (await CommandLine.RunAsync(command, "--help")).Output;
        var options = help.Split('\n').Select(line => line.Trim().Split(' ')[0])
            .Where(word => word.StartsWith("--", StringComparison.Ordinal));

        Assert.That(options.Select(option => $"`{option}`"), Is.SubsetOf(
            Codes("README.md").Select(code => $"`{code}`")));
    }

    [TestCase("README.md")]
    [TestCase("README.ko.md")]
    [TestCase("samples/library/README.md")]
    [TestCase("samples/nodes/README.md")]
    [TestCase("samples/grafana/README.md")]
    [TestCase("samples/prometheus/README.md")]
    [TestCase("samples/prometheus/runbook.md")]
    public void Links_within_the_project_lead_somewhere(string file)
    {
        var text = File.ReadAllText(Repository.At(file));
        var targets = System.Text.RegularExpressions.Regex.Matches(text, @"\]\(([^)#:]+)\)").Select(match => match.Groups[1].Value);

        Assert.That(targets.Select(target => Path.Combine(Path.GetDirectoryName(Repository.At(file))!, target)), Is.All.Exist);
    }

    /// <summary>The lines of the blocks that are marked as shell.</summary>
    internal static IEnumerable<string> Commands(string file)
    {
        var isShell = false;
        foreach (var line in File.ReadLines(Repository.At(file)))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                isShell = line == "```sh";
            else if (isShell)
                yield return line;
        }
    }

    private static HashSet<string> Codes(string file) =>
        [.. System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(Repository.At(file)), "`([^`\n]+)`")
            .Select(match => match.Groups[1].Value)];
}
