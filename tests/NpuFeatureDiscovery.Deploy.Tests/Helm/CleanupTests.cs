using System.Globalization;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Deploy.Tests.Manifests;
using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Helm;

/// <summary>What <c>helm uninstall</c> does before it takes the release away.</summary>
[CancelAfter(60_000)]
public sealed class CleanupTests
{
    private const string Agent = "furiosa-npu-feature-discovery";
    private const string Labeller = "furiosa-npu-labeller";
    private const string Component = "app.kubernetes.io/component";
    private const string LabellerAlone =
        "featureDiscovery.enabled=false,devicePlugin.enabled=false,metricsExporter.enabled=false,legacyLabeller.enabled=true";

    [TestCase("file")]
    [TestCase("node")]
    [TestCase("node-feature")]
    [TestCase("auto")]
    public async Task It_has_the_objects_of_the_overlay_and_the_release_keeps_its_rights(string output, CancellationToken token)
    {
        var made = await Chart.RenderAsync($"featureDiscovery.output={output}", token);
        var expected = Chart.Plain((await Overlay.RenderAsync("cleanup", token)).Objects);
        // At the end both are there.
        var hooks = Chart.Plain(made[true]);
        var all = hooks.Concat(Chart.Plain(made[false]).Where(each => !hooks.ContainsKey(each.Key))).ToDictionary();

        foreach (var (title, text) in expected)
            Assert.That(WithoutHook(all[title]).ToJsonString(), Is.EqualTo(text.ToJsonString()), title);
        Assert.That(made[false].Select(Title).Intersect(made[true].Select(Title)), Is.EqualTo([$"DaemonSet/{Agent}"]));
    }

    [TestCase("featureDiscovery.output=node", Agent)]
    [TestCase("legacyLabeller.enabled=true", $"{Agent} {Labeller}")]
    [TestCase(LabellerAlone, Labeller)]
    public async Task It_takes_the_place_of_every_agent_that_labels(string values, string agents, CancellationToken token)
    {
        var made = await Chart.RenderAsync(values, token);
        var cleanups = made[true].Where(each => each.Text("kind") == "DaemonSet").ToArray();

        Assert.That(cleanups.Select(Overlay.NameOf), Is.EqualTo(agents.Split(' ')));
        Assert.That(agents.Split(' ').Select(name => $"DaemonSet/{name}"), Is.SubsetOf(made[false].Select(Title)));
        foreach (var cleanup in cleanups)
        {
            Assert.That(
                cleanup.Text("metadata", "annotations", "helm.sh/hook-delete-policy"),
                Is.EqualTo("before-hook-creation"), "that takes the agent away");
            Assert.That(cleanup["spec"]["template"]["metadata"]["labels"].Texts(), Is.SupersetOf(
                cleanup["spec"]["selector"]["matchLabels"].Texts()));
        }
    }

    [Test]
    public async Task It_begins_on_a_node_when_no_agent_is_left_there(CancellationToken token)
    {
        var made = await Chart.RenderAsync("legacyLabeller.enabled=true", token);
        var agents = made[false].Where(each => Overlay.NameOf(each) is Agent or Labeller && each.Text("kind") == "DaemonSet")
            .Select(set => set["spec"]["template"]["metadata"]["labels"].Texts()).ToArray();
        var cleanups = made[true].Where(each => each.Text("kind") == "DaemonSet")
            .Select(set => set["spec"]["template"]).ToArray();

        Assert.That((agents.Length, cleanups.Length), Is.EqualTo((2, 2)));
        foreach (var cleanup in cleanups)
        {
            var term = cleanup["spec"]["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0];
            var (name, component) = (term["labelSelector"]["matchExpressions"][0], term["labelSelector"]["matchExpressions"][1]);
            Assert.That(term.Text("topologyKey"), Is.EqualTo("kubernetes.io/hostname"));
            Assert.That(
                name["values"].Items().Select(value => (string?)value),
                Is.EquivalentTo(agents.Select(labels => labels[name.Text("key")!])));
            Assert.That((component.Text("key"), component.Text("operator")), Is.EqualTo((Component, "DoesNotExist")));
            Assert.That(agents, Has.None.ContainKey(Component));
            Assert.That(cleanup["metadata"]["labels"].Texts(), Does.ContainKey(Component), "it does not wait for itself");
        }
    }

    [Test]
    public async Task Helm_waits_for_a_Job_that_may_only_read_the_DaemonSets(CancellationToken token)
    {
        var hooks = (await Chart.RenderAsync("legacyLabeller.enabled=true", token))[true].ToArray();
        var job = hooks.Single(each => each.Text("kind") == "Job");
        var pod = job["spec"]["template"]["spec"];
        var rules = hooks.Where(each => each.Text("kind") == "Role" && Overlay.NameOf(each) == pod.Text("serviceAccountName"))
            .SelectMany(role => role["rules"].Items());

        Assert.That(
            pod["containers"].Items().Select(container => string.Join(' ', container["args"].Items())),
            Is.EqualTo(new[] { Agent, Labeller }.Select(name => $"rollout status daemonset/{name} --namespace=kube-system")));
        Assert.That(
            rules.Select(rule => $"{rule["resources"]} {rule["resourceNames"]} {rule["verbs"]}"),
            Is.EqualTo([$"[ daemonsets ] [ {Agent}, {Labeller} ] [ get, list, watch ]"]));
        foreach (var container in pod["containers"].Items())
        {
            Assert.That(container.Text("securityContext", "runAsUser"), Is.EqualTo("65532"));
            Assert.That(container.Text("securityContext", "readOnlyRootFilesystem"), Is.EqualTo("true"));
        }

        Assert.That(
            int.Parse(job.Text("spec", "activeDeadlineSeconds")!, CultureInfo.InvariantCulture), Is.LessThan(300), "helm's own deadline");
    }

    [Test]
    public async Task First_come_the_rights_then_the_cleanup_and_then_the_wait(CancellationToken token)
    {
        var hooks = (await Chart.RenderAsync("featureDiscovery.output=file", token))[true];

        Assert.That(
            hooks.Select(hook => ((string?)hook["kind"], hook.Text("metadata", "annotations", "helm.sh/hook-weight"))).Distinct(),
            Is.EquivalentTo(new[]
            {
                ("ServiceAccount", "-10"), ("ClusterRole", "-10"), ("ClusterRoleBinding", "-10"), ("Role", "-10"),
                ("RoleBinding", "-10"), ("DaemonSet", "0"), ("Job", "10"),
            }));
        Assert.That(hooks.Select(hook => hook.Text("metadata", "annotations", Chart.Hook)), Has.All.EqualTo("pre-delete"));
        // The DaemonSet goes with the release, which has one of its name.
        Assert.That(
            hooks.Select(hook => hook.Text("metadata", "annotations", "helm.sh/hook-delete-policy")).Distinct(),
            Is.EquivalentTo(["before-hook-creation,hook-succeeded", "before-hook-creation"]));
    }

    [TestCase("cleanup.enabled=false")]
    [TestCase("featureDiscovery.enabled=false")]
    public async Task Without_anything_to_clean_up_there_is_no_hook(string values, CancellationToken token) =>
        Assert.That((await Chart.RenderAsync(values, token))[true], Is.Empty);

    private static string Title(YamlNode made) => $"{(string?)made["kind"]}/{Overlay.NameOf(made)}";

    /// <summary>Without what sets the hook apart from the overlay, for which no agent runs beside it.</summary>
    private static JsonNode WithoutHook(JsonNode made)
    {
        made["metadata"]!.AsObject().Remove("annotations");
        if (made["spec"]?["template"] is { } template)
        {
            template["metadata"]!["labels"]!.AsObject().Remove(Component);
            template["spec"]!.AsObject().Remove("affinity");
            made["spec"]!["selector"]!["matchLabels"]!.AsObject().Remove(Component);
        }

        return made;
    }
}
