using System.Text;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Tests.Agent;

public sealed class AgentFileReaderTests
{
    private const string Sections = "enable, interval, healthInterval, address, devicePlugin, endpoint, label, metrics";

    [Test]
    public void Without_a_key_all_is_as_without_a_file()
    {
        var configuration = Parse("{}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(configuration.Enable, Is.EqualTo(AgentParts.All));
            Assert.That(configuration.Address, Is.EqualTo(":6254"));
            Assert.That((configuration.Interval, configuration.HealthInterval), Is.EqualTo((TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1))));
            Assert.That(configuration.DevicePlugin, Is.EqualTo(new DevicePluginFile()));
            Assert.That(configuration.Label.Concat(configuration.Metrics).Concat(configuration.Endpoint), Is.Empty);
        }
    }

    [Test]
    public void Keys_are_the_options_of_the_commands_and_the_keys_of_the_plugins_own_file()
    {
        var configuration = Parse("""
            address: 127.0.0.1:9000
            enable: [metrics, label]
            interval: 30s
            healthInterval: 2
            endpoint: {maxSeries: 1000}
            label:
              output: "-"
              profile: [beta, current]
              readmeAliases: true
              forceConflicts: false
            devicePlugin:
              defaultPe: Single
              disabledDevices: [{devName: npu3, nodeName: npu-001}]
            metrics:
              profile: base-units
              enableNpuUtilization: true
              resourceName: []
            """);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(configuration.Address, Is.EqualTo("127.0.0.1:9000"));
            Assert.That(configuration.Enable, Is.EqualTo(["label", "metrics"]));
            Assert.That((configuration.Interval, configuration.HealthInterval), Is.EqualTo((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(2))));
            Assert.That(configuration.Endpoint, Is.EqualTo(["--max-series=1000"]));
            Assert.That(configuration.Label, Is.EqualTo(["--output=-", "--profile=beta,current", "--readme-aliases=true"]));
            Assert.That(configuration.DevicePlugin.DisabledDevices, Is.EqualTo(["npu3"]));
            Assert.That(configuration.Metrics, Is.EqualTo(["--profile=base-units", "--enable-npu-utilization=true"]));
        }
    }

    [Test]
    public void Equal_files_are_equal_configurations() => Assert.That(
        Parse("label: {profile: [beta, alpha]}\nenable: metrics"), Is.EqualTo(Parse("enable: [metrics]\nlabel:\n  profile: [beta, alpha]\n")));

    [TestCase("enable: [label, plugin]", "1:9: Key 'enable' does not take 'plugin': allowed are label, device-plugin, metrics.")]
    [TestCase("colour: red", $"1:1: Key 'colour' is unknown: allowed are {Sections}.")]
    [TestCase("label:\n  colour: red",
        "2:3: Key 'label.colour' is unknown: allowed are output, namespace, forceConflicts, resync, profile, hwtype, readmeAliases, label, "
            + "noDevice, featuresDir, fileName, lease, onExit, events.")]
    [TestCase("label:\n  output: files", "2:11: Key 'label.output' does not take 'files': allowed are auto, file, node-feature, node, -.")]
    [TestCase("label:\n  readmeAliases: maybe", "2:18: Key 'label.readmeAliases' does not take 'maybe': allowed is true or false.")]
    [TestCase("label: 7", "1:8: Key 'label' does not take '7': allowed is a map with any of output, ")]
    [TestCase("metrics:\n  profile: {}", "2:12: Key 'metrics.profile' does not take a map: allowed is a text that is not blank.")]
    [TestCase("metrics:\n  podResources: ''", "2:17: Key 'metrics.podResources' does not take the text '': allowed is a text that is not blank.")]
    [TestCase("devicePlugin:\n  interval: 10", "2:3: Key 'devicePlugin.interval' is unknown: allowed are defaultPe, allocationPolicy, ")]
    [TestCase("devicePlugin:\n  defaultPe: Both", "2:14: Key 'devicePlugin.defaultPe' does not take 'Both': allowed is Fusion or Single.")]
    [TestCase("devicePlugin:\n  resourceName: npu", "2:3: Key 'devicePlugin.resourceName' does not take 'npu': ")]
    [TestCase("interval: 5s\nhealthInterval: 10s",
        "2:1: Key 'healthInterval' does not take '10s' beside 'interval 5s': allowed are 1s to the interval.")]
    [TestCase("label:\n  output: node\n  lease: 10m", "3:3: Key 'label.lease' has no effect with 'label.output node': leave one of them out.")]
    [TestCase("interval: 10m\nlabel:\n  lease: 10m", "3:3: Key 'label.lease' does not take '10m' beside 'interval 600s': ")]
    [TestCase("metrics: {podLabels: true, podResources: 'off'}",
        "1:11: Key 'metrics.podLabels' does not go with 'metrics.podResources off': the kubelet tells which Pods hold the cards.")]
    [TestCase("endpoint:\n  tlsCertFile: /no/file", "2:3: Key 'endpoint.tlsCertFile' does not go without 'endpoint.tlsPrivateKeyFile': give both.")]
    [TestCase("metrics:\n  profile: [sdk, current]", "2:3: Key 'metrics.profile' does not take 'sdk,current': ")]
    [TestCase("enable: [", "2:1: This is not valid YAML. ")]
    [TestCase("", "1:1: The file is empty: allowed is a map with any of ")]
    public void A_mistake_is_told_with_line_key_and_what_is_allowed(string text, string mistake)
    {
        var refused = Assert.Throws<ConfigurationFileException>(() => Parse(text));

        Assert.That(refused.Mistakes, Has.Some.StartsWith($"agent.yaml:{mistake}"));
    }

    [Test]
    public void All_mistakes_are_told_at_once()
    {
        var refused = Assert.Throws<ConfigurationFileException>(
            () => Parse("interval: soon\nlabel: {output: files}\nmetrics:\n  deviceTimeout: 9s\n"));

        Assert.That(refused.Mistakes.Select(mistake => mistake.Split(' ')[0]),
            Is.EqualTo(["agent.yaml:1:11:", "agent.yaml:2:17:", "agent.yaml:4:18:"]));
    }

    private static AgentConfiguration Parse(string text) =>
        new AgentFileReader("agent.yaml", new AgentContext("npu-001", TextWriter.Null, _ => null))
            .Parse(new FileContent(EquatableArray.Create<byte>(Encoding.UTF8.GetBytes(text))));
}
