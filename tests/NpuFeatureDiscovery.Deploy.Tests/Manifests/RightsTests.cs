namespace NpuFeatureDiscovery.Deploy.Tests.Manifests;

[CancelAfter(60_000)]
public sealed class RightsTests
{
    private const string Nodes = "nodes: patch";
    private const string NodeFeatures = "nodefeatures.nfd.k8s-sigs.io: create, patch, delete; pods: get";

    [TestCase("without-nfd", $"{Nodes}; events: create, patch", "events")]
    [TestCase("nfd-node-feature", $"{NodeFeatures}; {Nodes}; events: create, patch", "events")]
    public async Task A_component_gives_these_rights_and_no_others(
        string overlay, string rules, string component, CancellationToken token) =>
        Assert.That(Text(await Overlay.RenderAsync(overlay, token, component)), Is.EqualTo(rules));

    [TestCase("nfd-feature-file", "")]
    [TestCase("nfd-node-feature", $"{NodeFeatures}; {Nodes}")]
    [TestCase("without-nfd", Nodes)]
    [TestCase("device-plugin", "")]
    [TestCase("metrics-exporter", "")]
    [TestCase("everything", "")]
    [TestCase("agent", "")]
    [TestCase("everything-without-nfd", Nodes)]
    [TestCase("cleanup", $"{NodeFeatures}; {Nodes}")]
    [TestCase("legacy-labeller", Nodes)]
    public async Task An_overlay_gives_these_rights_and_no_others(string overlay, string rules, CancellationToken token) => Assert.That(
        Text(await Overlay.RenderAsync(overlay, token)), Is.EqualTo(rules));

    private static string Text(Overlay overlay) => string.Join("; ", overlay.Rules.Select(rule =>
        $"{$"{rule.Resource}.{rule.Group}".TrimEnd('.')}: {string.Join(", ", rule.Verbs)}"));
}
