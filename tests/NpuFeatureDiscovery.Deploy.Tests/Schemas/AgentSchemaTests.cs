using System.Text;
using System.Text.Json.Nodes;
using NJsonSchema;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.Deploy.Tests.Manifests;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Deploy.Tests.Schemas;

/// <summary>The published schema of the agent's configuration file, beside what reads the file.</summary>
[CancelAfter(60_000)]
public sealed class AgentSchemaTests
{
    private const string Path = "deploy/agent-config.schema.json";

    private static readonly AgentContext Context = new("npu-001", TextWriter.Null, _ => null);

    private static readonly JsonNode Schema = JsonNode.Parse(File.ReadAllText(Repository.At(Path)))!;

    [Test]
    public void It_has_the_keys_of_the_program()
    {
        var keys = new AgentFileParser("{}", Context).Keys;
        var sections = keys.Keys.Where(section => section.Length > 0).ToArray();

        Assert.That(Names(Schema), Is.EquivalentTo(keys[""].Concat(sections)));
        foreach (var section in sections)
            Assert.That(Names(Schema["properties"]![section]!), Is.EquivalentTo(keys[section]), section);
    }

    [TestCase("{}")]
    [TestCase("enable: [label, device-plugin, metrics]\ninterval: 10\nhealthInterval: 1s\naddress: ':6254'")]
    [TestCase("enable: metrics,label\naddress: 127.0.0.1:9000\nlabel:\nmetrics: {}")]
    [TestCase("label: {output: node-feature, namespace: kube-system, forceConflicts: true, resync: 5m, profile: [alpha, beta], hwtype: haps}")]
    [TestCase("label: {output: file, featuresDir: /f, fileName: npus, lease: 'off', onExit: remove, noDevice: remove, readmeAliases: false}")]
    [TestCase("label: {output: '-', profile: current, label: [example.com/rack=7, example.com/room=a]}")]
    [TestCase("devicePlugin: {defaultPe: Single, allocationPolicy: spread, pluginDir: /p, socketName: 'npu-{pod}.sock', registration: auto}")]
    [TestCase("devicePlugin: {registryDir: /r, resourceName: 'furiosa.ai/{family}', cdi: field, cdiDir: /cdi, disabledDevices: []}")]
    [TestCase("devicePlugin: {disabledDevices: [{devName: npu255, nodeName: npu-001}]}")]
    [TestCase("metrics: {profile: [sdk, base-units], enableNpuUtilization: true, deviceTimeout: 2s, podResources: /s, podLabels: true}")]
    [TestCase("metrics: {resourceName: [example.com/npu, 'example.com/*'], deviceTimeout: 3, podResources: 'off'}")]
    [TestCase("endpoint: {maxSeries: 100}")]
    public async Task It_takes_what_the_program_takes(string text, CancellationToken token)
    {
        // Without POD_UID a {pod} is refused for the lack of it, which no schema can know.
        var context = Context with { Environment = name => name == "POD_UID" ? "7c9e6679-7425-40de-944b-e07fc1f90ae7" : null };

        Assert.That(Mistakes(text, context), Is.Empty);
        Assert.That(await RefusalsAsync(text, token), Is.Empty);
    }

    [TestCase("enable: [labels]")]
    [TestCase("enable: label, metrics")]
    [TestCase("interval: 0")]
    [TestCase("interval: 90000")]
    [TestCase("healthInterval: soon")]
    [TestCase("colour: red")]
    [TestCase("label: [beta]")]
    [TestCase("label: {colour: red}")]
    [TestCase("label: {output: files}")]
    [TestCase("label: {profile: [gamma]}")]
    [TestCase("label: {label: rack=7}")]
    [TestCase("label: {readmeAliases: maybe}")]
    [TestCase("label: {namespace: Kube_System}")]
    [TestCase("label: {lease: never}")]
    [TestCase("label: {onExit: stay}")]
    [TestCase("devicePlugin: {interval: 10}")]
    [TestCase("devicePlugin: {defaultPe: Both}")]
    [TestCase("devicePlugin: {cdiDir: cdi}")]
    [TestCase("devicePlugin: {resourceName: npu}")]
    [TestCase("devicePlugin: {disabledDevices: [{devName: npu256, nodeName: a}]}")]
    [TestCase("devicePlugin: {disabledDevices: [{devName: npu1}]}")]
    [TestCase("metrics: {profile: prometheus}")]
    [TestCase("metrics: {deviceTimeout: 4s}")]
    [TestCase("metrics: {port: 9000}")]
    [TestCase("metrics: {podLabels: 1}")]
    [TestCase("endpoint: {maxSeries: 0}")]
    [TestCase("endpoint: {tlsCertFile: ''}")]
    public async Task It_refuses_what_the_program_refuses(string text, CancellationToken token)
    {
        Assert.That(Mistakes(text, Context), Is.Not.Empty);
        Assert.That(await RefusalsAsync(text, token), Is.Not.Empty);
    }

    [Test]
    public async Task It_takes_the_configuration_of_the_overlay(CancellationToken token)
    {
        var overlay = await Overlay.RenderAsync("agent", token);
        var text = overlay.Of("ConfigMap").Single()["data"].Text("agent.yaml")!;

        Assert.That(Mistakes(text, Context), Is.Empty);
        Assert.That(await RefusalsAsync(text, token), Is.Empty);
        Assert.That(overlay.Containers.Single().Container["args"].Items().Select(argument => (string?)argument),
            Is.EqualTo(["agent", "--config-file=/etc/furiosa/agent.yaml", "--root=/host"]));
    }

    [Test]
    public async Task Words_that_it_lists_are_words_of_the_program(
        [Values("label", "devicePlugin", "metrics")] string section, CancellationToken token)
    {
        foreach (var (key, node) in Schema["properties"]![section]!["properties"]!.AsObject())
        {
            var words = node!["enum"] ?? node["oneOf"]?[1]?["items"]?["enum"];
            foreach (var word in words?.AsArray().Select(word => word!.ToString().ToLowerInvariant()) ?? [])
                Assert.That(Mistakes($"{section}: {{{key}: '{word}'}}", Context), Is.Empty);
        }

        Assert.That(await RefusalsAsync($"{section}: {{}}", token), Is.Empty);
    }

    private static IReadOnlyList<string> Mistakes(string text, AgentContext context)
    {
        try
        {
            new AgentFileReader("agent.yaml", context).Parse(new FileContent(EquatableArray.Create<byte>(Encoding.UTF8.GetBytes(text))));
            return [];
        }
        catch (ConfigurationFileException refused)
        {
            return refused.Mistakes;
        }
    }

    private static async Task<string[]> RefusalsAsync(string text, CancellationToken token)
    {
        var schema = await JsonSchema.FromFileAsync(Repository.At(Path), token);
        return [.. schema.Validate(YamlJson.Convert(YamlFile.Parse(text).Single())!.ToJsonString()).Select(error => error.ToString())];
    }

    private static IEnumerable<string> Names(JsonNode schema) => schema["properties"]!.AsObject().Select(property => property.Key);
}
