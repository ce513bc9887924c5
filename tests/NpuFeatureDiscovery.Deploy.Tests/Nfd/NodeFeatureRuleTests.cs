using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Nfd;

[CancelAfter(30_000)]
public sealed class NodeFeatureRuleTests
{
    private const string Label = "nfd/node-feature-rule.yaml";
    private const string Taint = "nfd/node-feature-rule-taint.yaml";

    [TestCase(Label)]
    [TestCase(Taint)]
    public async Task It_is_right_by_the_reference(string file, CancellationToken token) =>
        Assert.That(await ObjectSchema.ErrorsAsync(YamlFile.Read(file).Single(), token), Is.Empty);

    [Test]
    public void The_label_that_the_DaemonSets_select_by_comes_of_the_vendor_alone()
    {
        var rule = RuleOf("feature.node.kubernetes.io/furiosa-npu");

        Assert.That(rule.At("labels").Texts().Values, Is.EqualTo(["true"]));
        Assert.That(Matchers(rule), Is.EqualTo(["vendor In 1ed2"]));
    }

    [TestCase("warboy", "0000")]
    [TestCase("rngd", "0001")]
    public void A_product_is_known_by_vendor_and_device_of_one_card(string product, string device)
    {
        var rule = RuleOf($"feature.node.kubernetes.io/furiosa-npu.{product}");

        Assert.That(Matchers(rule), Is.EqualTo(["vendor In 1ed2", $"device In {device}"]));
    }

    [Test]
    public void The_taint_is_on_the_same_nodes_as_the_label() =>
        Assert.That(Matchers(Rules(Taint).Single()), Is.EqualTo(["vendor In 1ed2"]));

    [Test]
    public void Each_rule_has_a_name_of_its_own() => Assert.That(
        Rules(Label).Concat(Rules(Taint)).Select(rule => (string?)rule["name"]), Is.Unique);

    private static YamlNode RuleOf(string label) => Rules(Label).Single(rule => rule.At("labels").Texts().ContainsKey(label));

    private static IEnumerable<YamlNode> Rules(string file) => YamlFile.Read(file).Single().At("spec", "rules").Items();

    /// <summary>What is asked of one PCI device: there is one term.</summary>
    private static IEnumerable<string> Matchers(YamlNode rule)
    {
        var term = rule.At("matchFeatures").Items().Single();
        Assert.That((string?)term["feature"], Is.EqualTo("pci.device"));
        return ((YamlMappingNode)term["matchExpressions"]).Select(pair =>
            $"{(string?)pair.Key} {(string?)pair.Value["op"]} {string.Join(',', pair.Value["value"].Items())}");
    }
}
