using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>The files of <c>samples/prometheus</c>.</summary>
public sealed partial class PrometheusSampleTests
{
    private const int Deadline = 60_000;

    [TestCase("check config samples/prometheus/prometheus.yml")]
    [TestCase("check rules samples/prometheus/rules/recording.yml samples/prometheus/rules/alerts.yml")]
    [TestCase("test rules samples/prometheus/rules/*_test.yml")]
    [CancelAfter(Deadline)]
    public async Task promtool_accepts_the_samples(string arguments, CancellationToken token)
    {
        var result = await PromTool.RunAsync(arguments, token);

        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
    }

    [Test]
    public void Every_alert_has_a_test_and_a_section_in_the_runbook()
    {
        var tests = File.ReadAllText(Repository.At("samples/prometheus/rules/alerts_test.yml"));
        var runbook = File.ReadAllText(Repository.At("samples/prometheus/runbook.md"));
        var sections = Heading().Matches(runbook).Select(match => match.Groups[1].Value);

        var alerts = Rules("alerts").Where(rule => rule.Children.ContainsKey("alert")).ToArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(sections, Is.EquivalentTo(alerts.Select(alert => Text(alert, "alert"))));
            foreach (var alert in alerts)
            {
                var name = Text(alert, "alert");
                Assert.That(tests, Does.Match($@"alertname(: |=""){name}\b"), name);
                Assert.That(Text((YamlMappingNode)alert["annotations"], "runbook"),
                    Is.EqualTo($"samples/prometheus/runbook.md#{name.ToLowerInvariant()}"));
                Assert.That(Text((YamlMappingNode)alert["labels"], "severity"), Is.AnyOf("critical", "warning", "info"), name);
            }
        }
    }

    [Test]
    public void Every_recorded_series_has_a_test()
    {
        var tests = File.ReadAllText(Repository.At("samples/prometheus/rules/recording_test.yml"));

        foreach (var rule in Rules("recording"))
            Assert.That(tests, Does.Contain(Text(rule, "record")));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_command_of_the_README_makes_PrometheusRules_of_the_rules(CancellationToken token)
    {
        var script = ShellBlocks().Matches(File.ReadAllText(Repository.At("samples/prometheus/README.md")))
            .Select(match => match.Groups[1].Value).Single(block => block.Contains("PrometheusRule", StringComparison.Ordinal));

        var result = await TheProgram.ShellAsync($"kubectl() {{ cat; }}\n{script}", token);

        var objects = Load(result.Output).Select(document => (YamlMappingNode)document.RootNode).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(objects.Select(rules => Text((YamlMappingNode)rules["metadata"], "name")),
                Is.EqualTo(["npu-recording", "npu-alerts"]));
            Assert.That(objects.Select(rules => Text(rules, "kind")), Is.All.EqualTo("PrometheusRule"));
            Assert.That(objects[0]["spec"], Is.EqualTo(LoadRules("recording")));
            Assert.That(objects[1]["spec"], Is.EqualTo(LoadRules("alerts")));
        }
    }

    [Test]
    public async Task The_commands_of_the_runbook_that_list_cards_are_ours()
    {
        var commands = Command().Matches(File.ReadAllText(Repository.At("samples/prometheus/runbook.md")))
            .Select(match => match.Groups[1].Value.Trim()).Distinct().ToArray();

        Assert.That(commands, Has.Length.EqualTo(2));
        foreach (var command in commands)
        {
            var options = command.Replace(" --root /host", "", StringComparison.Ordinal).Split(' ');
            var result = await CommandLine.RunAsync([.. options, "--root", Repository.At("samples/nodes/degraded")]);
            Assert.That(result.ExitCode, Is.Zero, command + result.Error);
        }
    }

    private static IEnumerable<YamlMappingNode> Rules(string file) =>
        ((YamlSequenceNode)LoadRules(file)["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>();

    private static YamlMappingNode LoadRules(string file) =>
        (YamlMappingNode)Load(File.ReadAllText(Repository.At($"samples/prometheus/rules/{file}.yml"))).Single().RootNode;

    private static IList<YamlDocument> Load(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents;
    }

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    [GeneratedRegex("^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("```sh\n(.+?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlocks();

    [GeneratedRegex("npu-feature-discovery (devices[^`\n]*)")]
    private static partial Regex Command();
}
