using System.Text;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class ProgramNameTests : IDisposable
{
    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [TestCase("npu-feature-discovery\0", ExpectedResult = "npu-feature-discovery")]
    [TestCase("./k8s-node-labeller\0--interval\060\0", ExpectedResult = "k8s-node-labeller")]
    [TestCase("/opt/bin/k8s-node-labeller\0--root\0/host\0", ExpectedResult = "k8s-node-labeller")]
    [TestCase("k8s-node-labeller", ExpectedResult = "k8s-node-labeller")]
    [TestCase("\0--root\0/host\0", ExpectedResult = "npu-feature-discovery")]
    [TestCase("/opt/bin/\0", ExpectedResult = "npu-feature-discovery")]
    [TestCase("", ExpectedResult = "npu-feature-discovery")]
    public string The_name_is_the_last_part_of_the_first_entry(string commandLine) =>
        ProgramName.Parse(Encoding.UTF8.GetBytes(commandLine));

    [Test]
    public async Task The_node_labeller_makes_the_labels_of_alpha()
    {
        _host.AddRngd(0);

        Assert.That((await NodeLabellerAsync()).Output, Is.EqualTo("alpha.furiosa.ai/npu.family=renegade\n"));
    }

    [TestCase("--profile", "beta")]
    [TestCase("--profile=beta")]
    public async Task The_node_labeller_makes_the_labels_that_are_asked_for(params string[] profile) =>
        Assert.That((await NodeLabellerAsync(profile)).Output, Does.Contain("beta.furiosa.ai/").And.Not.Contain("alpha.furiosa.ai/"));

    [Test]
    public async Task Help_of_the_node_labeller_is_that_of_label_with_its_own_default()
    {
        var help = await CommandLine.RunAsAsync(ProgramName.NodeLabeller, "--help");

        Assert.That(help.Output, Does.Contain("--oneshot").And.Contain("[default: alpha]"));
    }

    [TestCase(ProgramName.NodeLabeller)]
    [TestCase(ProgramName.DevicePlugin)]
    public async Task The_version_is_the_same_by_every_name(string name) => Assert.That(
        await CommandLine.RunAsAsync(name, "--version"), Is.EqualTo(await CommandLine.RunAsync("--version")));

    [Test]
    public async Task The_device_plugin_of_the_SDK_is_device_plugin() => Assert.That(
        (await CommandLine.RunAsAsync(ProgramName.DevicePlugin, "--help")).Output,
        Is.EqualTo((await CommandLine.RunAsync("device-plugin", "--help")).Output));

    [Test]
    public async Task The_device_plugin_takes_the_command_line_of_the_older_manifests()
    {
        var result = await CommandLine.RunAsAsync(
            ProgramName.DevicePlugin, "--interval", "10", "--default-pe", "pe0-1", "--plugin-dir", "/no/such/folder");

        Assert.That(result.Error, Does.StartWith("npu-feature-discovery: Option '--plugin-dir'"), "the rest is right");
    }

    [Test]
    public async Task A_name_that_stands_for_nothing_changes_nothing() => Assert.That(
        (await CommandLine.RunAsAsync("npu", "--help")).Output,
        Is.EqualTo((await CommandLine.RunAsync("--help")).Output));

    private Task<ProgramResult> NodeLabellerAsync(params string[] args) => CommandLine.RunAsAsync(
        ProgramName.NodeLabeller,
        ["--interval", "60", "--oneshot", "--root", _host.Path, "--output", "-", "--log-level", "error", .. args]);
}
