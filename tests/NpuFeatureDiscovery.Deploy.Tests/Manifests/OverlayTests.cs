using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.DevicePlugin;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Manifests;

[CancelAfter(60_000)]
public sealed class OverlayTests
{
    private const string Discovery = "DaemonSet/furiosa-npu-feature-discovery";
    private const string Account = "ServiceAccount/furiosa-npu-feature-discovery";
    private const string OnNodes = "ClusterRole/furiosa-npu-feature-discovery ClusterRoleBinding/furiosa-npu-feature-discovery";
    private const string OnFeatures = "Role/furiosa-npu-feature-discovery RoleBinding/furiosa-npu-feature-discovery";
    private const string Plugin = "DaemonSet/furiosa-device-plugin ConfigMap/npu-device-plugin";
    private const string Exporter = "DaemonSet/furiosa-npu-metrics-exporter Service/furiosa-npu-metrics-exporter";

    private const string PartOf = "app.kubernetes.io/part-of";

    private static readonly string[] ClusterWide =
        ["ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];

    [TestCase("nfd-feature-file", Discovery)]
    [TestCase("nfd-node-feature", $"{Discovery} {Account} {OnNodes} {OnFeatures}")]
    [TestCase("without-nfd", $"{Discovery} {Account} {OnNodes}")]
    [TestCase("device-plugin", Plugin)]
    [TestCase("metrics-exporter", Exporter)]
    [TestCase("everything", $"{Discovery} {Plugin} {Exporter}")]
    [TestCase("agent", "DaemonSet/furiosa-npu-agent ConfigMap/npu-agent Service/furiosa-npu-agent")]
    [TestCase("everything-without-nfd", $"{Discovery} {Account} {OnNodes} {Plugin} {Exporter}")]
    [TestCase("cleanup", $"{Discovery} {Account} {OnNodes} {OnFeatures}")]
    [TestCase("legacy-labeller", $"DaemonSet/furiosa-npu-labeller {Account} {OnNodes}")]
    public async Task An_overlay_makes_the_objects_that_the_guides_of_the_SDK_name(
        string overlay, string objects, CancellationToken token) => Assert.That((await Overlay.RenderAsync(overlay, token)).Titles, Is.EquivalentTo(objects.Split(' ')));

    [TestCaseSource(typeof(Overlay), nameof(Overlay.Names))]
    public async Task All_is_in_kube_system(string name, CancellationToken token)
    {
        var overlay = await Overlay.RenderAsync(name, token);

        Assert.That(
            overlay.Objects.Where(made => !ClusterWide.Contains(made.Text("kind"))).Select(made => made.Text("metadata", "namespace")),
            Has.All.EqualTo("kube-system"));
    }

    [Test]
    public async Task What_1_20_does_not_serve_follows_its_schema(CancellationToken token)
    {
        var overlay = await Overlay.RenderAsync("everything-without-nfd", token, "pod-monitor", "service-monitor", "own-node-only");
        var others = overlay.Objects.Where(ObjectSchema.IsKeptFor).ToArray();

        Assert.That(others.Select(made => (string?)made["kind"]), Is.EquivalentTo(
            ["PodMonitor", "ServiceMonitor", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]));
        foreach (var made in others)
            Assert.That(await ObjectSchema.ErrorsAsync(made, token), Is.Empty, (string?)made["kind"]);
    }

    [Test]
    public async Task Prometheus_finds_the_exporter_by_its_Service(CancellationToken token)
    {
        var overlay = await Overlay.RenderAsync("metrics-exporter", token, "service-monitor");
        var service = overlay.Of("Service").Single();
        var template = overlay.DaemonSets.Single()["spec"]["template"];

        Assert.That(service["metadata"]["annotations"].Texts(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["prometheus.io/scrape"] = "true",
            ["prometheus.io/port"] = "6254",
        }));
        Assert.That((string?)service["spec"]["ports"][0]["port"], Is.EqualTo("6254"));
        Assert.That((string?)template["spec"]["containers"][0]["ports"][0]["containerPort"], Is.EqualTo("6254"));
        Assert.That(service["spec"]["selector"].Texts(), Is.SubsetOf(template["metadata"]["labels"].Texts()));
        var monitor = overlay.Of("ServiceMonitor").Single()["spec"];
        Assert.That(monitor["selector"]["matchLabels"].Texts(), Is.SubsetOf(service["metadata"]["labels"].Texts()));
        Assert.That((string?)monitor["endpoints"][0]["port"], Is.EqualTo((string?)service["spec"]["ports"][0]["name"]));
    }

    [Test]
    public async Task To_Prometheus_an_instance_is_the_node(CancellationToken token)
    {
        var overlay = await Overlay.RenderAsync("everything", token, "pod-monitor", "service-monitor");
        var relabelings = overlay.Of("ServiceMonitor").Select(monitor => monitor["spec"]["endpoints"][0]["relabelings"][0])
            .Concat(overlay.Of("PodMonitor").Select(monitor => monitor["spec"]["podMetricsEndpoints"][0]["relabelings"][0]));

        Assert.That(
            relabelings.Select(relabeling => ((string?)relabeling["sourceLabels"][0], relabeling.Text("targetLabel"))),
            Is.EqualTo(Enumerable.Repeat(("__meta_kubernetes_pod_node_name", "instance"), 2)));
    }

    [TestCase("utilization", "--enable-npu-utilization")]
    [TestCase("pod-labels", "--pod-labels")]
    [TestCase("without-pods", "--pod-resources=off")]
    public async Task A_component_gives_the_exporter_an_option(string component, string option, CancellationToken token)
    {
        var plain = (await Overlay.RenderAsync("everything", token)).Containers;
        var with = (await Overlay.RenderAsync("everything", token, component)).Containers;

        Assert.That(
            with.Select(each => string.Join(' ', each.Container["args"].Items())),
            Is.EqualTo(plain.Select(each => string.Join(' ', each.Container["args"].Items())
                + (each.Container.Text("name") == "npu-metrics-exporter" ? $" {option}" : ""))));
    }

    [Test]
    public async Task With_CDI_the_plugin_may_write_the_folder_of_the_runtime_and_is_told_to(CancellationToken token)
    {
        var overlay = await Overlay.RenderAsync("everything", token, "cdi");
        var config = overlay.Of("ConfigMap").Single(map => Overlay.NameOf(map) == "npu-device-plugin")["data"].Text("config.yaml");
        var (pod, container) = overlay.Containers.Single(each => each.Pod["volumes"].Items().Any(IsOfRuntime));
        var volume = pod["volumes"].Items().Single(IsOfRuntime);
        var mount = container["volumeMounts"].Items().Single(mount => mount.Text("name") == volume.Text("name"));

        Assert.That(config, Does.StartWith("cdi: annotations\n"));
        Assert.That(
            (container.Text("name"), mount.Text("mountPath"), mount.Text("readOnly")),
            Is.EqualTo(("device-plugin", new DevicePluginOptions().CdiDirectory, (string?)null)));

        static bool IsOfRuntime(YamlNode volume) => volume.Text("hostPath", "path") == "/var/run/cdi";
    }

    [Test]
    public async Task The_PodMonitor_and_the_network_policies_choose_DaemonSets_that_are_there(CancellationToken token)
    {
        var overlay = await Overlay.RenderAsync("everything", token, "pod-monitor", "network-policy");
        var labeller = await Overlay.RenderAsync("legacy-labeller", token);
        var names = overlay.DaemonSets.Concat(labeller.DaemonSets).Select(Overlay.NameOf).ToArray();
        var chosen = overlay.Of("PodMonitor").Single()["spec"]["selector"]["matchExpressions"][0]["values"].Items()
            .Concat(overlay.Of("NetworkPolicy").SelectMany(policy => policy["spec"]["podSelector"].At("matchExpressions").Items())
                .SelectMany(term => term["values"].Items()));

        Assert.That(chosen.Select(name => (string?)name).Distinct(), Is.Not.Empty.And.SubsetOf(names));
        Assert.That(
            overlay.DaemonSets.Concat(labeller.DaemonSets).Select(set => set["spec"]["template"]["metadata"]["labels"].Text(PartOf)),
            Has.All.EqualTo(overlay.Of("NetworkPolicy").First()["spec"]["podSelector"]["matchLabels"].Text(PartOf)));
    }

    [Test]
    public async Task A_cleanup_takes_the_place_of_the_agent(CancellationToken token)
    {
        var agent = (await Overlay.RenderAsync("nfd-feature-file", token)).DaemonSets.Single();
        var cleanup = (await Overlay.RenderAsync("cleanup", token)).DaemonSets.Single();

        Assert.That(Overlay.NameOf(cleanup), Is.EqualTo(Overlay.NameOf(agent)));
        Assert.That(cleanup["spec"]["selector"], Is.EqualTo(agent["spec"]["selector"]));
        Assert.That((string?)cleanup["spec"]["template"]["spec"]["initContainers"][0]["args"][1], Is.EqualTo("--cleanup"));
        Assert.That(
            cleanup["spec"]["template"]["spec"]["containers"][0]["args"].Items().Select(text => (string?)text),
            Does.Contain("--output=-"), "what runs then publishes nowhere");
    }
}
