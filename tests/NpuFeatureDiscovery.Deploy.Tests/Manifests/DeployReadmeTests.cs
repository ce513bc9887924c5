using NpuFeatureDiscovery.Deploy.Tests.Helm;
using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Manifests;

[CancelAfter(60_000)]
public sealed class DeployReadmeTests
{
    private static readonly string[] Lines = File.ReadAllLines(Repository.At("deploy/README.md"));

    private static string[] Components =>
        [.. Directory.GetDirectories(Repository.At("deploy/components")).Select(folder => Path.GetFileName(folder))];

    [TestCaseSource(typeof(Overlay), nameof(Overlay.Names))]
    public void An_overlay_stands_there_with_its_command(string name) => Assert.That(
        Lines, Has.Some.StartsWith($"| `{name}` | ").And.EndsWith($"| `kubectl apply -k deploy/overlays/{name}` |"));

    [TestCaseSource(nameof(Components))]
    public void A_component_stands_there(string name) => Assert.That(Lines, Has.Some.StartsWith("| `").And.Contains($"`{name}`"));

    [Test]
    public void A_path_of_a_command_leads_somewhere()
    {
        var paths = Lines.SelectMany(line => line.Split(' ', '`')).Where(word => word.StartsWith("deploy/", StringComparison.Ordinal));

        Assert.That(paths.Select(path => Repository.At(path)).Where(path => !Path.Exists(path)), Is.Empty);
    }

    [Test]
    public async Task Its_kustomizations_can_be_rendered(CancellationToken token)
    {
        var blocks = string.Join('\n', Lines).Split("```yaml\n").Skip(1).Select(block => block.Split("```")[0]).ToArray();

        Assert.That(blocks, Has.Length.EqualTo(2));
        foreach (var block in blocks)
            Assert.That((await Overlay.RenderTextAsync(block, token)).Objects, Is.Not.Empty);
    }

    [Test]
    public async Task Its_installations_by_Helm_can_be_rendered(CancellationToken token)
    {
        var commands = Lines.Where(line => line.StartsWith("helm install ", StringComparison.Ordinal)).ToArray();

        Assert.That(commands, Has.Length.EqualTo(2));
        foreach (var command in commands)
        {
            var result = await Chart.HelmAsync($"{command["helm ".Length..]} --dry-run=client", token);

            Assert.That(result.ExitCode, Is.Zero, result.Error);
            Assert.That(result.Output, Does.Contain("image: registry.example.com/npu-feature-discovery:0.1.0"));
        }
    }

    [Test]
    public void Every_switch_of_the_chart_stands_there()
    {
        var values = YamlFile.Read($"{Chart.Folder}/values.yaml").Single();
        var switches = ((YamlMappingNode)values).Where(pair => pair.Value.At("enabled") is not null)
            .Select(pair => $"`{(string?)pair.Key}.enabled`");

        foreach (var name in switches)
            Assert.That(Lines, Has.Some.StartsWith("| `").And.Contains(name));
    }

    [Test]
    public void The_threat_model_says_on_a_page_what_stops_each_threat_and_what_remains()
    {
        var rows = Lines.SkipWhile(line => line != "## Threat model").Where(line => line.StartsWith("| ", StringComparison.Ordinal)).ToArray();

        Assert.That(rows[0], Is.EqualTo("| Who could do what | What stops it | What remains |"));
        Assert.That(rows.Skip(1).Select(row => row.Split(" | ").Count(cell => cell.Trim('|', ' ').Length > 10)), Has.All.EqualTo(3));
    }

    [TestCase("feature discovery", "nfd-feature-file")]
    [TestCase("device plugin", "device-plugin")]
    [TestCase("exporter", "metrics-exporter")]
    public async Task The_requests_and_limits_are_those_of_the_manifests(string container, string overlay, CancellationToken token)
    {
        var resources = (await Overlay.RenderAsync(overlay, token)).Containers.Single().Container["resources"];

        Assert.That(Lines.Single(line => line.StartsWith($"| {container} | ")), Does.EndWith(
            $"| {string.Join(", ", resources["requests"].Texts().Values)} | {string.Join(", ", resources["limits"].Texts().Values)} |"));
    }

    [TestCase("furiosa-npu-feature-discovery", "nfd-feature-file")]
    [TestCase("furiosa-device-plugin", "device-plugin")]
    [TestCase("furiosa-npu-metrics-exporter", "metrics-exporter")]
    [TestCase("furiosa-npu-labeller", "legacy-labeller")]
    public async Task The_user_and_the_paths_of_the_host_are_those_of_the_manifests(
        string daemonSet, string overlay, CancellationToken token)
    {
        var (pod, container) = (await Overlay.RenderAsync(overlay, token)).Containers.Single();
        var row = Lines.Single(line => line.StartsWith($"| `{daemonSet}`", StringComparison.Ordinal)).Split(" | ")[1];

        Assert.That(row, Does.StartWith(container.Text("securityContext", "runAsUser") == "0" ? "root;" : "user 65532;"));
        foreach (var path in pod["volumes"].Items().Select(volume => volume.Text("hostPath", "path")).OfType<string>())
        {
            if (!path.StartsWith("/sys/", StringComparison.Ordinal) && path != "/dev")
                Assert.That(row, Does.Contain($"`{path}`"));
        }
    }
}
