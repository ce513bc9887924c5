using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>deploy/ on a real node, as deploy/README.md tells it: from the installation to the time after it.</summary>
public sealed class InstallationTests : InstallationTest
{
    private static readonly string[] DaemonSets = [FeatureDiscovery, Plugin, Exporter];
    private static readonly string[] Names = [.. DaemonSets, "npu-device-plugin"];
    private static readonly string[] HostFolders = [NfdFolder, Kubelet.PluginFolder];

    [TestCase("everything")]
    [TestCase("everything-without-nfd")]
    [CancelAfter(2 * Deadline)]
    public async Task It_works_from_the_installation_through_a_rolling_restart_to_its_end(string overlay, CancellationToken token)
    {
        var host = await LabelledHostAsync(cards: 2, token);
        var (files, node) = (FilesOfHost(), await NodeAsync(token));

        var installed = await InstallAsync(overlay, host, token);
        Tell($"{overlay}: rolled out; made {string.Join(' ', await ObjectsAsync(token))}");
        await TheLabelsAreThereAsync(overlay, token);
        TheContainersAreConfined(overlay, [.. await Task.WhenAll(DaemonSets.Select(name => ContainerAsync(name, token)))]);
        var card = await APodGetsItsCardAsync(host, token);
        await TheServiceTellsOfThePodAsync(card, token);
        await ARollingRestartIsNotNoticedAsync(overlay, card, token);

        var cleanup = await InstallAsync("cleanup", host, token);
        await cleanup.DeleteAsync(token);
        await installed.DeleteAsync(token);
        await TestOverlay.PodsAreGoneAsync(token);

        Assert.That(await NodeAsync(token), Is.EqualTo(node));
        Assert.That(FilesOfHost().Except(files), Is.SubsetOf((string[])[$"{NfdFolder}/features.d"]));
        // The garbage collector comes later.
        await Cluster.UntilAsync(
            async () => string.Join(' ', await ObjectsAsync(token)), left => left.Length == 0, token);
        await Cluster.UntilAsync(
            () => Cluster.CountAsync(NpuPod.Resource, token), counts => counts.Allocatable == "0", token);
        Tell($"uninstalled; the kubelet says {await Cluster.CountAsync(NpuPod.Resource, token)}");
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_change_of_the_ConfigMap_gets_through_to_the_kubelet(CancellationToken token)
    {
        await InstallAsync("device-plugin", await LabelledHostAsync(cards: 2, token), token);
        await OffersAsync(capacity: 2, allocatable: 2, token);
        var pod = await Cluster.PodAsync(Plugin, token);

        await ConfigureAsync($"disabledDevices: [{{devName: npu1, nodeName: {Cluster.Node}}}]", token);
        await OffersAsync(capacity: 2, allocatable: 1, token);
        await ConfigureAsync("disabledDevices: []", token);
        await OffersAsync(capacity: 2, allocatable: 2, token);

        Assert.That(
            (string?)(await Cluster.PodAsync(Plugin, token))["status"]!["containerStatuses"]![0]!["containerID"],
            Is.EqualTo((string?)pod["status"]!["containerStatuses"]![0]!["containerID"]), "no restart");
    }

    private static async Task TheLabelsAreThereAsync(string overlay, CancellationToken token)
    {
        var onNode = await NodeLabels.ReadAsync(token);
        var inFile = File.Exists(FeatureFile) ? NodeLabels.OfFile(await File.ReadAllTextAsync(FeatureFile, token)) : [];

        Assert.That(onNode, Is.EqualTo(IsByFile(overlay) ? [] : NodeLabels.Of(cards: 2)));
        Assert.That(inFile, Is.EqualTo(IsByFile(overlay) ? NodeLabels.Of(cards: 2) : []));
        Tell(string.Join('\n', onNode.Concat(inFile)));
    }

    private static void TheContainersAreConfined(string overlay, NpuContainer[] containers)
    {
        foreach (var (name, container) in DaemonSets.Zip(containers))
        {
            foreach (var set in (string[])["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
                Assert.That(container.Status(set), Is.EqualTo("0000000000000000"), $"{name}: {set}");

            var user = name == FeatureDiscovery && !IsByFile(overlay) ? "65532" : "0";
            Assert.That(container.Status("Uid").Split('\t'), Is.All.EqualTo(user), name);
            Assert.That(container.Status("NoNewPrivs"), Is.EqualTo("1"), name);
            Assert.That(container.Status("Seccomp"), Is.EqualTo("2"), $"{name}: a filter");
            Assert.That(
                // What is mounted in the host's /dev, such as /dev/shm, comes along as it is.
                container.WritableMounts().Where(mount => !mount.StartsWith("/host/dev/", StringComparison.Ordinal)),
                Is.EqualTo(name switch
                {
                    Plugin => [Kubelet.PluginFolder],
                    FeatureDiscovery when IsByFile(overlay) => [$"{NfdFolder}/features.d"],
                    _ => (string[])[],
                }), name);
            foreach (var path in (string[])["/written", "/tmp/written", "/host/dev/written", "/host/sys/class/written"])
            {
                Assert.That(
                    () => File.WriteAllText(container.At(path), ""),
                    Throws.InstanceOf<IOException>().With.Message.Contains("Read-only"), $"{name}: {path}");
            }

            Tell($"{name}: uid {user}, CapEff {container.Status("CapEff")}, CapBnd {container.Status("CapBnd")}, "
                + $"NoNewPrivs {container.Status("NoNewPrivs")}, Seccomp {container.Status("Seccomp")}, "
                + $"writable {string.Join(' ', container.WritableMounts())}");
        }
    }

    private static async Task<string> APodGetsItsCardAsync(NpuHost host, CancellationToken token)
    {
        await OffersAsync(capacity: 2, allocatable: 2, token);
        await Cluster.ApplyAsync(SampleWorkload.OnTheNode("pod.yaml"), token);
        await Cluster.KubectlAsync(["wait", "--for=condition=Ready", "pod/npu-pod", "--timeout=120s"], token);
        var environment = (await Cluster.KubectlAsync(["exec", "npu-pod", "--", "env"], token)).Split('\n');
        var card = environment.Single(line => line.StartsWith("NPU_NPUNAME="))["NPU_NPUNAME=".Length..];

        var devices = (await Cluster.KubectlAsync(["exec", "npu-pod", "--", "ls", "/dev"], token)).Split('\n')
            .Where(name => name.StartsWith("npu", StringComparison.Ordinal)).ToArray();
        Assert.That(devices, Is.EquivalentTo(
            host.Cards.Single(other => other.Nodes.Contains($"/dev/{card}")).Nodes.Select(node => node["/dev/".Length..])));
        Tell($"npu-pod has {card}: {string.Join(' ', devices)}");
        return card;
    }

    private static async Task TheServiceTellsOfThePodAsync(string card, CancellationToken token)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{await EndpointAsync(token)}") };
        var held = (await client.GetStringAsync("/metrics", token)).Split('\n')
            .Where(line => line.StartsWith("furiosa_npu_allocation_info{")).ToArray();

        Assert.That(held, Has.Length.EqualTo(1));
        Assert.That(
            held[0], Does.Contain($"device=\"{card}\"").And.Contains("namespace=\"default\"").And.Contains("pod=\"npu-pod\"")
                .And.EndsWith(" 1"));
        Tell($"{client.BaseAddress}metrics: {held[0]}");
    }

    private static async Task ARollingRestartIsNotNoticedAsync(string overlay, string card, CancellationToken token)
    {
        var container = await new NpuPod("npu-pod").ContainerAsync(token);
        using var watch = new NodeWatch(FeatureFile);

        await Cluster.KubectlAsync(
            ["rollout", "restart", "-n", Cluster.Namespace, .. DaemonSets.Select(name => $"daemonset/{name}")], token);
        foreach (var daemonSet in DaemonSets)
            await Cluster.RolledOutAsync(daemonSet, token);
        await OffersAsync(capacity: 2, allocatable: 2, token);
        var (states, files) = await watch.EndAsync();

        Assert.That(states.Select(state => state.Labels), Is.All.EqualTo(IsByFile(overlay) ? [] : NodeLabels.Of(cards: 2)));
        Assert.That(files.Select(NodeLabels.OfFile), Is.All.EqualTo(IsByFile(overlay) ? NodeLabels.Of(cards: 2) : []));
        Assert.That(states.Select(state => state.Capacity), Is.All.EqualTo("2"));
        Assert.That(await new NpuPod("npu-pod").ContainerAsync(token), Is.EqualTo(container));
        // The new plugin gives out what the old one left.
        var lines = await (await NpuPod.CreateAsync("other", npus: 1, token)).UntilRunningAsync(token);
        Assert.That(lines, Does.Contain($"NPU_NPUNAME={(card == "npu0" ? "npu1" : "npu0")}"));
        Tell($"restarted: {states.Count} states of the node, {files.Count} of the feature file, all with their labels; allocatable: "
            + string.Join(", ", states.Select(state => $"{Seconds(states[0], state):0.0} s {state.Allocatable}")));
    }

    private static bool IsByFile(string overlay) => overlay == "everything";

    private static async Task<NpuContainer> ContainerAsync(string daemonSet, CancellationToken token) =>
        NpuContainer.Of((string)(await Cluster.PodAsync(daemonSet, token))["metadata"]!["uid"]!);

    private static void Tell(string text) => TestContext.Out.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.f} {text}");

    /// <summary>Address and port behind the exporter's Service.</summary>
    private static async Task<string> EndpointAsync(CancellationToken token)
    {
        var endpoint = await Cluster.KubectlAsync(
            ["get", "endpoints", "-n", Cluster.Namespace, Exporter, "-o",
                "jsonpath={.subsets[*].addresses[*].ip}:{.subsets[*].ports[*].port}"], token);
        var node = await Cluster.KubectlAsync(
            ["get", "node", Cluster.Node, "-o", """jsonpath={.status.addresses[?(@.type=="InternalIP")].address}"""], token);
        Assert.That(endpoint, Is.EqualTo($"{node}:6254"));
        return endpoint;
    }

    private static async Task ConfigureAsync(string file, CancellationToken token)
    {
        var data = new JsonObject { ["data"] = new JsonObject { ["config.yaml"] = $"{file}\n" } };
        await Cluster.KubectlAsync(
            ["patch", "configmap", "-n", Cluster.Namespace, "npu-device-plugin", "--type=merge", "-p", data.ToJsonString()], token);
        // The kubelet looks at the Pod at once, and not in a minute.
        await Cluster.KubectlAsync(
            ["annotate", "pods", "-n", Cluster.Namespace, "-l", $"app.kubernetes.io/name={Plugin}", "--overwrite",
                $"config={file.Length}"], token);
    }

    /// <summary>
    /// Kind and name of everything of ours, of any kind but the events that tell of it. Other tests have objects of their own.
    /// </summary>
    private static async Task<string[]> ObjectsAsync(CancellationToken token)
    {
        var lines = "";
        foreach (var isNamespaced in (bool[])[true, false])
        {
            var kinds = (await Cluster.KubectlAsync(
                ["api-resources", "--verbs=list", $"--namespaced={(isNamespaced ? "true" : "false")}", "-o", "name"], token)).Split('\n');
            lines += await Cluster.KubectlAsync(
                ["get", string.Join(',', kinds.Where(kind => kind.Length > 0 && !kind.StartsWith("events", StringComparison.Ordinal))),
                    "-n", Cluster.Namespace, "-o", "name"], token);
        }

        return [.. lines.Split('\n').Where(line => Names.Any(name => line.Contains($"/{name}"))).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>What of the Node may be ours: its labels, its annotations, and who manages its fields.</summary>
    private static async Task<string> NodeAsync(CancellationToken token)
    {
        var metadata = JsonNode.Parse(await Cluster.KubectlAsync(
            ["get", "node", Cluster.Node, "--show-managed-fields", "-o", "json"], token))!["metadata"]!;
        var managers = metadata["managedFields"]!.AsArray().Select(field => (string?)field!["manager"]).Order(StringComparer.Ordinal);
        return $"{metadata["labels"]} {metadata["annotations"]} {string.Join(' ', managers)}";
    }

    /// <summary>What the host has in the folders that are mounted writable, but for what is the kubelet's.</summary>
    private static string[] FilesOfHost() =>
    [
        .. HostFolders.Where(folder => Directory.Exists(folder))
            .SelectMany(folder => Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
            .Where(path => !Path.GetFileName(path).StartsWith("kubelet", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    private static double Seconds(NodeState from, NodeState to) =>
        TimeProvider.System.GetElapsedTime(from.Timestamp, to.Timestamp).TotalSeconds;
}
