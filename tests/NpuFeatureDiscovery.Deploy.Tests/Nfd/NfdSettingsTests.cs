using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Deploy.Tests.Workloads;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Nfd;

public sealed partial class NfdSettingsTests
{
    private readonly YamlNode _worker = YamlFile.Read("nfd/nfd-worker.conf").Single();
    private readonly YamlNode _master = YamlFile.Read("nfd/nfd-master.conf").Single();
    private readonly string _readme = File.ReadAllText(Repository.At("nfd/README.md"));

    [Test]
    public void The_worker_is_set_as_the_SDK_page_says()
    {
        var pci = _worker.At("sources", "pci");

        Assert.That(Texts(pci.At("deviceLabelFields")), Is.EqualTo(["vendor"]));
        Assert.That(Texts(pci.At("deviceClassWhitelist")), Is.EqualTo(["02", "0200", "0207", "0300", "0302", "12"]));
    }

    [Test]
    public void The_master_lets_every_label_of_the_default_profile_through() => Assert.That(
        SampleNodes.Labels.Values.SelectMany(labels => labels.Keys).Select(key => key.Split('/')[0]).Distinct(),
        Is.EqualTo(Texts(_master.At("extraLabelNs"))));

    [Test]
    public void The_flags_say_the_same_as_the_files()
    {
        var flags = Flags().Matches(_readme).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(flags["nfd-worker --options"]), YamlJson.Convert(_worker)), Is.True);
        Assert.That(flags["nfd-master --extra-label-ns"].Split(','), Is.EqualTo(Texts(_master.At("extraLabelNs"))));
    }

    [Test]
    public void The_values_of_the_chart_say_the_same_as_the_files()
    {
        var values = YamlFile.Read("nfd/helm-values.yaml").Single();

        Assert.That(values["worker"]["config"], Is.EqualTo(_worker));
        Assert.That(values["master"], Is.EqualTo(_master));
    }

    [Test]
    public void Numbers_of_classes_are_text() => Assert.That(
        YamlJson.Convert(_worker)!["sources"]!["pci"]!["deviceClassWhitelist"]!.AsArray().Select(item => item!.GetValueKind()),
        Has.All.EqualTo(System.Text.Json.JsonValueKind.String));

    [Test]
    public void The_README_tells_of_each_version_from_0_8_to_0_19()
    {
        var rows = Versions().Matches(_readme).SelectMany(match => match.Groups[1].Value.Split(", "));

        Assert.That(rows, Is.EqualTo(Enumerable.Range(8, 12).Select(minor => $"0.{minor}")));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task The_agent_takes_the_options_for_NFD_before_0_14(CancellationToken token)
    {
        using var features = new TemporaryFolder();
        const string options = "--lease off --on-exit remove";
        Assert.That(_readme, Does.Contain($"`{options}`"));

        var result = await TheProgram.RunAsync(token, [
            "label", "--oneshot", "--root", Repository.At("samples/nodes/warboy-1"), "--output", "file",
            "--features-dir", features.Path, .. options.Split(' ')]);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        // NFD before 0.14 takes a comment for a label.
        Assert.That(File.ReadLines(features.At("npu-feature-discovery")), Has.None.StartsWith("#"));
    }

    private static IEnumerable<string?> Texts(YamlNode? sequence) => sequence.Items().Select(item => (string?)item);

    [GeneratedRegex(@"^(nfd-\w+ --[\w-]+)=(.+)$", RegexOptions.Multiline)]
    private static partial Regex Flags();

    [GeneratedRegex(@"^\| (0\.\d[\d., ]*) \|", RegexOptions.Multiline)]
    private static partial Regex Versions();
}
