using NpuFeatureDiscovery.Deploy.Tests.Manifests;
using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Deploy.Tests;

/// <summary>What README.md has for a cluster, as far as it can be tried without one.</summary>
[CancelAfter(60_000)]
public sealed class RootReadmeTests
{
    private const string Nowhere = "http://127.0.0.1:1";
    private const string Image = "npu-feature-discovery:0.1.0";

    private static IEnumerable<string> ClusterCommands => ReadmeCommand.All.Select(command => command.Text)
        .Where(command => command.StartsWith("kubectl ", StringComparison.Ordinal) || command.StartsWith("helm uninstall ", StringComparison.Ordinal));

    private static IEnumerable<string> OverlayCommands => ReadmeCommand.Of(ReadmeCommandWay.Overlay);

    private static IEnumerable<string> ObjectCommands => ReadmeCommand.Of(ReadmeCommandWay.Objects);

    private static IEnumerable<string> Releases => ReadmeCommand.Of(ReadmeCommandWay.Chart);

    private static string[] Yaml => ReadmeCommand.Blocks("README.md", "yaml");

    [TestCaseSource(nameof(ClusterCommands))]
    public async Task The_command_gets_as_far_as_the_API_server(string command, CancellationToken token)
    {
        // The server comes first, since what follows '--' is another program's.
        var words = command.Split(' ', 2);
        var option = words[0] == "helm" ? "--kube-apiserver" : "--server";

        var result = await RunAsync($"{words[0]} {option}={Nowhere} {words[1]}", token);

        Assert.That(result.Error, Does.Contain("127.0.0.1:1"));
    }

    [TestCaseSource(nameof(OverlayCommands))]
    public async Task The_overlay_can_be_rendered(string command, CancellationToken token)
    {
        var name = Path.GetFileName(command.Split(' ')[3]);

        Assert.That(command.Split(' ')[3], Is.EqualTo($"deploy/overlays/{name}"));
        Assert.That((await Overlay.RenderAsync(name, token)).Objects, Is.Not.Empty);
    }

    [Test]
    public void Every_overlay_stands_there()
    {
        var text = File.ReadAllText(Repository.At("README.md"));

        Assert.That(Overlay.Names.Where(name => !text.Contains($"deploy/overlays/{name}", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCaseSource(nameof(ObjectCommands))]
    public async Task The_objects_are_right(string command, CancellationToken token)
    {
        foreach (var made in YamlFile.Read(command.Split(' ')[3]))
        {
            // Of the others an API server tells more.
            if (ObjectSchema.IsKeptFor(made))
                Assert.That(await ObjectSchema.ErrorsAsync(made, token), Is.Empty);
        }
    }

    [TestCaseSource(nameof(Releases))]
    public async Task The_chart_can_be_rendered(string command, CancellationToken token)
    {
        var result = await RunAsync(command.Replace("helm install ", "helm template ", StringComparison.Ordinal), token);

        Assert.That(result.Output, Does.Contain("kind: DaemonSet"), result.Error);
    }

    [Test]
    public void The_commands_of_the_image_make_and_push_the_one_that_the_kustomization_names()
    {
        var kustomization = Yaml.Single(block => block.Contains("newName: "));
        var name = kustomization.Split("newName: ")[1].TrimEnd();

        Assert.That(ReadmeCommand.Of(ReadmeCommandWay.Image), Is.EqualTo([
            $"docker build -f deploy/image/Dockerfile -t {name}:0.1.0 .", $"docker push {name}:0.1.0"]));
        Assert.That(Repository.At("deploy/image/Dockerfile"), Does.Exist);
    }

    [Test]
    public async Task The_kustomization_runs_the_image_that_it_names(CancellationToken token)
    {
        var kustomization = Yaml.Single(block => block.StartsWith("resources:\n  - deploy/"));

        var overlay = await Overlay.RenderTextAsync(kustomization, token);

        Assert.That(
            overlay.Containers.Select(each => each.Container.Text("image")),
            Is.Not.Empty.And.All.EqualTo($"registry.example.com/{Image}"));
    }

    [Test]
    public void The_resources_of_a_container_are_those_of_the_sample_Pod()
    {
        var resources = YamlFile.Parse(Yaml.Single(block => block.StartsWith("resources:\n  limits:"))).Single();
        var pod = YamlFile.Read("samples/workloads/pod.yaml").Single();

        Assert.That(
            resources["resources"]["limits"].Texts(),
            Is.SubsetOf(pod["spec"]["containers"][0]["resources"]["limits"].Texts()));
    }

    [Test]
    public async Task The_program_takes_the_configuration_file(CancellationToken token)
    {
        using var folder = new TemporaryFolder();
        var text = Yaml.Single(block => block.StartsWith("defaultPe: "));
        await File.WriteAllTextAsync(folder.At("config.yaml"), text.Replace("/var/lib/kubelet/device-plugins", folder.Path), token);

        using var plugin = new Daemon(
            "device-plugin", "--config-file", folder.At("config.yaml"), "--root", Repository.At("samples/nodes/warboy-2"));

        await plugin.WaitForAsync("beta.furiosa.ai/npu: serving at", token);
    }

    [Test]
    public async Task The_agent_takes_the_configuration_file(CancellationToken token)
    {
        using var folder = new TemporaryFolder();
        // Where the labels go in the README is not for every machine.
        var text = Yaml.Single(block => block.StartsWith("enable: ")).Replace("label:\n", "label:\n  output: \"-\"\n") + "address: 127.0.0.1:0\n";
        await File.WriteAllTextAsync(folder.At("agent.yaml"), text, token);

        using var agent = new Daemon(
            "agent", "--config-file", folder.At("agent.yaml"), "--root", Repository.At("samples/nodes/warboy-2"));

        await agent.WaitForAsync("Published ", token);
    }

    [Test]
    public void No_other_YAML_stands_there() => Assert.That(Yaml, Has.Length.EqualTo(4));

    private static async Task<ProgramResult> RunAsync(string command, CancellationToken token)
    {
        var tool = command.Split(' ')[0];
        var result = await TheProgram.ShellAsync($"command -v {tool} >/dev/null || exit 77; {command}", token);
        if (result.ExitCode == 77)
            Assert.Ignore($"This test needs {tool}.");

        return result;
    }
}
