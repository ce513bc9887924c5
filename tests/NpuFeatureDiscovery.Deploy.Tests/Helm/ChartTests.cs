using System.Xml.Linq;
using NpuFeatureDiscovery.Deploy.Tests.Manifests;
using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Deploy.Tests.Helm;

/// <summary>The chart makes what the kustomizations make, object by object.</summary>
[CancelAfter(60_000)]
public sealed class ChartTests
{
    private const string WithoutDiscovery = "featureDiscovery.enabled=false";
    private const string WithoutPlugin = "devicePlugin.enabled=false";
    private const string WithoutExporter = "metricsExporter.enabled=false";
    private const string DiscoveryAlone = $"{WithoutPlugin},{WithoutExporter}";
    private const string OnNodes = "featureDiscovery.output=node,nodes=every";

    /// <summary>Overlay, components on top of it, and the values that come to the same.</summary>
    private static readonly (string Overlay, string[] Components, string Values)[] Same =
    [
        ("everything", [], "nodes=nfd"),
        ("everything-without-nfd", [], OnNodes),
        ("nfd-feature-file", [], DiscoveryAlone),
        ("nfd-node-feature", [], $"{DiscoveryAlone},featureDiscovery.output=node-feature"),
        ("without-nfd", [], $"{DiscoveryAlone},{OnNodes}"),
        ("device-plugin", [], $"{WithoutDiscovery},{WithoutExporter}"),
        ("metrics-exporter", [], $"{WithoutDiscovery},{WithoutPlugin}"),
        ("legacy-labeller", [], $"{WithoutDiscovery},{DiscoveryAlone},legacyLabeller.enabled=true"),
        ("everything", ["every-node"], "nodes=every"),
        ("everything", ["labelled-nodes"], "nodes=labelled"),
        ("everything", ["label-auto"], "featureDiscovery.output=auto"),
        ("without-nfd", ["events"], $"{DiscoveryAlone},{OnNodes},featureDiscovery.events=true"),
        ("everything", ["without-pods"], "metricsExporter.pods=false"),
        ("everything", ["utilization", "pod-labels"], "metricsExporter.utilization=true,metricsExporter.podLabels=true"),
        ("everything", ["cdi"], "devicePlugin.config.cdi=annotations"),
        ("everything", ["network-policy"], "networkPolicy.enabled=true"),
        ("everything", ["service-monitor", "pod-monitor"], "serviceMonitor.enabled=true,podMonitor.enabled=true"),
        ("device-plugin", ["surge"], $"{WithoutDiscovery},{WithoutExporter},devicePlugin.surge=true"),
        ("device-plugin", ["plugin-watcher"], $"{WithoutDiscovery},{WithoutExporter},devicePlugin.config.registration=watcher"),
        ("without-nfd", ["own-node-only"], $"{DiscoveryAlone},{OnNodes},ownNodeOnly.enabled=true"),
    ];

    private static IEnumerable<TestCaseData> Cases =>
        Same.Select(each => new TestCaseData(each.Overlay, each.Components, each.Values) { TestName = $"{{m}}({each.Values})" });

    [TestCaseSource(nameof(Cases))]
    public async Task Values_make_what_an_overlay_makes(
        string overlay, string[] components, string values, CancellationToken token)
    {
        var expected = Chart.Plain((await Overlay.RenderAsync(overlay, token, components)).Objects);
        var made = Chart.Plain((await Chart.RenderAsync(values, token))[false]);

        Assert.That(made.Keys, Is.EquivalentTo(expected.Keys));
        foreach (var (title, text) in expected)
            Assert.That(made[title].ToJsonString(), Is.EqualTo(text.ToJsonString()), title);
    }

    [Test]
    public void Every_overlay_and_component_is_compared()
    {
        var components = Directory.GetDirectories(Repository.At("deploy/components")).Select(folder => Path.GetFileName(folder));

        // What cleans up is not a release but the end of each; and the chart has the parts of the agent apart.
        Assert.That(Same.Select(each => each.Overlay).Distinct(), Is.EquivalentTo(Overlay.Names.Except(["agent", "cleanup"])));
        Assert.That(
            Same.SelectMany(each => each.Components).Concat(["label-file", "label-node", "label-node-feature"]),
            Is.EquivalentTo(components), "the overlays have the last three");
    }

    [Test]
    public async Task Helm_finds_nothing_to_complain_of(CancellationToken token)
    {
        var result = await Chart.HelmAsync($"lint --strict {Chart.Folder}", token);

        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
        Assert.That(result.Output, Does.Not.Contain("WARNING"));
    }

    [Test]
    public void The_chart_is_of_the_programs_version()
    {
        var chart = YamlFile.Read($"{Chart.Folder}/Chart.yaml").Single();
        var version = XDocument.Load(Repository.At("Directory.Build.props")).Descendants("Version").Single().Value;

        Assert.That((chart.Text("version"), chart.Text("appVersion")), Is.EqualTo((version, version)));
    }

    [Test]
    public async Task It_ends_with_notes(CancellationToken token)
    {
        var result = await Chart.HelmAsync($"install npu {Chart.Folder} -n kube-system --dry-run=client --set {OnNodes}", token);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output.Split("NOTES:")[1], Does.Contain("Labels go to the Nodes:")
            .And.Contain("beta.furiosa.ai/npu: 1").And.Contain("by http.").And.Contain("on every node."));
    }

    [Test]
    public async Task The_image_is_the_one_that_is_named(CancellationToken token)
    {
        var made = await Chart.RenderAsync(
            "image.repository=example.com:5000/npu,image.tag=1.2.3,legacyLabeller.enabled=true", token);
        var sets = made.SelectMany(each => each).Where(each => each.Text("kind") == "DaemonSet").ToArray();
        var images = sets.Select(set => set["spec"]["template"]["spec"])
            .SelectMany(pod => pod.At("initContainers").Items().Concat(pod["containers"].Items()))
            .Select(container => container.Text("image"));

        Assert.That(sets, Has.Length.EqualTo(6), "with two of the cleanup");
        Assert.That(images, Has.All.EqualTo("example.com:5000/npu:1.2.3"));
    }

    [Test]
    public async Task An_exporter_with_a_certificate_is_asked_by_TLS(CancellationToken token)
    {
        var made = await Chart.RenderAsync(
            "metricsExporter.tls.secretName=npu-tls,metricsExporter.basicAuth.secretName=npu-users,serviceMonitor.enabled=true",
            token);
        var pod = made[false].Single(each => each.Text("kind") == "DaemonSet" && Overlay.NameOf(each).Contains("exporter"))
            ["spec"]["template"]["spec"];
        var container = pod["containers"][0];
        var help = await TheProgram.RunAsync(token, "metrics-exporter", "--help");

        var mounted = pod["volumes"].Items().Where(volume => volume.At("secret") is not null)
            .ToDictionary(volume => volume.Text("secret", "secretName")!, volume => container["volumeMounts"].Items()
                .Single(mount => mount.Text("name") == volume.Text("name")).Text("mountPath"));
        Assert.That(container["args"].Items().Skip(2).Select(argument => (string?)argument), Is.EqualTo(new[]
        {
            $"--tls-cert-file={mounted["npu-tls"]}/tls.crt",
            $"--tls-private-key-file={mounted["npu-tls"]}/tls.key",
            $"--basic-auth-file={mounted["npu-users"]}/users",
        }));
        foreach (var argument in container["args"].Items())
            Assert.That(help.Output, Does.Contain(((string?)argument)!.Split('=')[0]));
        Assert.That(
            (container.Text("readinessProbe", "httpGet", "scheme"), container.Text("livenessProbe", "httpGet", "scheme")),
            Is.EqualTo(("HTTPS", "HTTPS")));
        Assert.That(
            (string?)made[false].Single(each => each.Text("kind") == "ServiceMonitor")["spec"]["endpoints"][0]["scheme"],
            Is.EqualTo("https"));
    }
}
