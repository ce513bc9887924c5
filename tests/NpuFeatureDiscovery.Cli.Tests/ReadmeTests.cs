using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>Runs the commands of README.md as a newcomer would, in the order in which they stand there.</summary>
public sealed class ReadmeTests
{
    /// <summary>These run the tests, or take a clean clone's time: .ci/run reads them out of README.md and runs them.</summary>
    private static readonly string[] RunByCI = ["dotnet test", "dotnet publish", "dotnet pack"];

    private static IEnumerable<string> Commands => ReadmeCommand.InBlocks("README.md");

    private static string[] Programs => [.. ReadmeCommand.Of(ReadmeCommandWay.Program).Concat(
        ReadmeCommand.Of(ReadmeCommandWay.Container)
            .Select(command => command.Split(" -- ").Last()).Where(command => command.StartsWith("npu-", StringComparison.Ordinal)))];

    [Test]
    public void Every_command_is_one_that_a_test_runs() => Assert.That(ReadmeCommand.Of(ReadmeCommandWay.None), Is.Empty);

    [Test]
    public void Every_block_is_one_that_a_test_reads() =>
        Assert.That(ReadmeCommand.Languages("README.md"), Has.All.AnyOf("sh", "yaml"));

    [Test]
    [CancelAfter(120_000)]
    public async Task The_first_command_prints_the_labels_of_the_sample_node(CancellationToken token)
    {
        var result = await TheProgram.ShellAsync(Commands.First(), token);

        Assert.That(result.Output, Is.EqualTo(File.ReadAllText(Repository.At("samples/nodes/warboy-1.labels"))), result.Error);
    }

    [Test]
    public void The_second_command_runs_the_tests() => Assert.That(Commands.ElementAt(1), Is.EqualTo("dotnet test"));

    [Test]
    [CancelAfter(120_000)]
    public async Task The_commands_of_the_executable_publish_a_sample_node_and_take_it_away(CancellationToken token)
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.At("npu-feature-discovery"), TheProgram.Path);
        var script = ReadmeCommand.Of(ReadmeCommandWay.Sample).Where(command => !command.StartsWith("dotnet", StringComparison.Ordinal))
            .Select(command => command.Replace("out/", folder.Path + "/", StringComparison.Ordinal));

        var result = await TheProgram.ShellAsync(string.Join('\n', script), token);

        var labels = File.ReadAllText(Repository.At("samples/nodes/warboy-2.labels"));
        var difference = string.Concat(labels.TrimEnd().Split('\n').Select(label => $"+ {label}\n"));
        var file = folder.At("features.d/npu-feature-discovery");
        Assert.That(result.Output, Is.EqualTo($"{difference}{labels}{file}: removed\n"), result.Error);
        Assert.That(file, Does.Not.Exist);
    }

    [TestCaseSource(nameof(Programs))]
    [CancelAfter(120_000)]
    public async Task The_program_takes(string command, CancellationToken token)
    {
        var arguments = command.Replace("/host", Repository.At("samples/nodes/warboy-1"), StringComparison.Ordinal).Split(' ')[1..];

        // Without options it would run until it is ended, or read this machine.
        var result = await TheProgram.RunAsync(token, arguments is [_] ? [.. arguments, "--help"] : arguments);

        // What doctor finds is this machine's kubelet as well.
        Assert.That(result.ExitCode, arguments[0] == "doctor" ? Is.LessThan(ExitCode.Usage) : Is.Zero, result.Error);
        Assert.That(result.Output, Is.Not.Empty);
    }

    [Test]
    public void CI_runs_the_rest_as_it_stands_in_the_README()
    {
        var script = File.ReadAllText(Repository.At(".ci/run"));
        var commands = ReadmeCommand.Of(ReadmeCommandWay.ByCI).Select(command => string.Join(' ', command.Split(' ').Take(2)));

        Assert.That(commands, Is.EquivalentTo(RunByCI));
        foreach (var command in RunByCI)
            Assert.That(script, Does.Contain($"from_readme '{command}'"));
    }

    [TestCase("sh")]
    [TestCase("yaml")]
    public void The_Korean_README_has_the_same_blocks(string language) =>
        Assert.That(ReadmeCommand.Blocks("README.ko.md", language), Is.EqualTo(ReadmeCommand.Blocks("README.md", language)));

    [Test]
    public void The_Korean_README_has_as_many_sections_and_rows_in_each()
    {
        Assert.That(Rows("README.ko.md"), Is.EqualTo(Rows("README.md")));

        static IEnumerable<string> Rows(string file) => File.ReadAllText(Repository.At(file)).Split("\n#").Select(
            section => $"{section.TakeWhile(character => character == '#').Count()} {section.Split('\n').Count(line => line.StartsWith('|'))}");
    }

    [Test]
    public void The_Korean_README_names_the_same_options_and_labels() =>
        Assert.That(Codes("README.ko.md"), Is.SupersetOf(Codes("README.md")));

    [TestCase("label")]
    [TestCase("device-plugin")]
    [TestCase("devices")]
    [TestCase("metrics-exporter")]
    [TestCase("agent")]
    [TestCase("validate")]
    [TestCase("doctor")]
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
    [TestCase("samples/device-plugin/README.md")]
    [TestCase("samples/nodes/README.md")]
    [TestCase("samples/grafana/README.md")]
    [TestCase("samples/prometheus/README.md")]
    [TestCase("samples/prometheus/runbook.md")]
    public void Links_within_the_project_lead_somewhere(string file)
    {
        var text = File.ReadAllText(Repository.At(file));
        var targets = Regex.Matches(text, @"\]\(([^)#:]+)\)").Select(match => match.Groups[1].Value);

        Assert.That(targets.Select(target => Path.Combine(Path.GetDirectoryName(Repository.At(file))!, target)), Is.All.Exist);
    }

    [TestCase("README.md")]
    [TestCase("README.ko.md")]
    public void Links_to_a_section_lead_to_one(string file)
    {
        foreach (Match link in Regex.Matches(File.ReadAllText(Repository.At(file)), @"\]\(([^)#:]*)#([^)]+)\)"))
        {
            var target = link.Groups[1].Value is { Length: > 0 } path ? path : file;
            var sections = File.ReadLines(Repository.At(target)).Where(line => line.StartsWith('#')).Select(Anchor);

            Assert.That(sections, Does.Contain(link.Groups[2].Value), target);
        }

        static string Anchor(string heading) =>
            Regex.Replace(heading.TrimStart('#', ' ').ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-');
    }

    [TestCase("metrics-exporter", "--profile", "sdk,base-units", "--enable-npu-utilization")]
    [TestCase("metrics-exporter", "--profile", "current", "--enable-npu-utilization")]
    [TestCase("device-plugin", "--plugin-dir")]
    [TestCase("label", "--output", "file", "--features-dir")]
    [TestCase("agent", "--output", "-")]
    [CancelAfter(120_000)]
    public async Task Every_metric_that_a_scrape_shows_stands_in_the_README(params string[] arguments)
    {
        var token = TestContext.CurrentContext.CancellationToken;
        using var folder = new TemporaryFolder();
        using var daemon = new Daemon(
            [.. arguments, .. arguments[^1].EndsWith("-dir", StringComparison.Ordinal) ? [folder.Path] : Array.Empty<string>(),
            "--root", Repository.At("samples/nodes/mixed"), "--address", "127.0.0.1:0"]);
        var served = await daemon.WaitForAsync("Serving /metrics", token);

        using var client = new HttpClient();
        var text = await client.GetStringAsync($"http://{served.Split(" at ")[1]}/metrics", token);

        var shown = Regex.Matches(text, "^# TYPE (\\S+) ", RegexOptions.Multiline).Select(match => match.Groups[1].Value);
        Assert.That(shown, Is.Not.Empty.And.SubsetOf(Codes("README.md")));
    }

    [Test]
    public void Every_metric_of_the_README_is_one_of_the_code()
    {
        var code = string.Concat(Directory.EnumerateFiles(Repository.At("src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        var families = Regex.Matches(code, "\"(furiosa_[a-z_]+)\"").Select(match => match.Groups[1].Value).Distinct();
        // A meter's instruments are named with points, and get their unit and 'total' where they are shown.
        var instruments = code.Replace('.', '_');

        Assert.That(Codes("README.md").Where(name => Regex.IsMatch(name, "^furiosa_[a-z_]+$")), Is.EquivalentTo(families));
        foreach (Match name in Regex.Matches(File.ReadAllText(Repository.At("README.md")), "`(npu_(?!feature)[a-z_]+?)(_seconds|_total)?`"))
            Assert.That(instruments, Does.Contain($"\"{name.Groups[1].Value}\""), name.Value);
    }

    private static HashSet<string> Codes(string file) =>
        [.. Regex.Matches(File.ReadAllText(Repository.At(file)), "`([^`\n]+)`")
            .Select(match => match.Groups[1].Value)];
}
