using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Manifests;

/// <summary>What every Pod of every overlay keeps to.</summary>
[TestFixtureSource(typeof(Overlay), nameof(Overlay.Names))]
[CancelAfter(60_000)]
public sealed class PodTests(string name)
{
    /// <summary>Where only root may go.</summary>
    private static readonly string[] Roots = ["/var/lib/kubelet", "/etc/kubernetes"];

    private static readonly string[] HostOnly = ["hostPID", "hostIPC", "hostNetwork"];

    private Overlay _overlay = null!;

    [SetUp]
    public async Task RenderAsync() => _overlay = await Overlay.RenderAsync(name, TestContext.CurrentContext.CancellationToken);

    [Test]
    public void A_container_has_no_capability_and_gains_none()
    {
        foreach (var (pod, container) in _overlay.Containers)
        {
            var security = container["securityContext"];

            Assert.That(security.At("privileged"), Is.Null);
            Assert.That((string?)security["allowPrivilegeEscalation"], Is.EqualTo("false"));
            Assert.That((string?)security["readOnlyRootFilesystem"], Is.EqualTo("true"));
            Assert.That(security["capabilities"].ToString(), Is.EqualTo("{ { drop, [ ALL ] } }"));
            Assert.That((string?)security["seccompProfile"]["type"], Is.EqualTo("RuntimeDefault"));
            Assert.That(HostOnly.Where(key => pod.At(key) is not null), Is.Empty);
        }
    }

    [Test]
    public void A_container_is_root_only_where_it_writes_what_is_roots_or_uses_a_socket_of_the_kubelet()
    {
        foreach (var (pod, container) in _overlay.Containers)
        {
            var paths = container["volumeMounts"].Items().Select(mount => (string?)mount["mountPath"]);
            var needsRoot = paths.Any(path => Roots.Any(root => path!.StartsWith(root, StringComparison.Ordinal)));
            var security = container["securityContext"];

            Assert.That(
                ((string?)security["runAsUser"], (string?)security["runAsGroup"], security.Text("runAsNonRoot") == "true"),
                Is.EqualTo(needsRoot ? ("0", "0", false) : ("65532", "65532", true)), (string?)container["name"]);
        }
    }

    [Test]
    public void A_container_says_what_it_needs_and_what_it_may_take()
    {
        foreach (var (_, container) in _overlay.Containers)
        {
            Assert.That(container["resources"]["requests"].Texts().Keys, Is.EquivalentTo(["cpu", "memory"]));
            Assert.That(container["resources"]["limits"].Texts().Keys, Is.EquivalentTo(["cpu", "memory"]));
        }
    }

    [Test]
    public void A_container_that_stays_is_asked_for_its_health()
    {
        foreach (var container in _overlay.DaemonSets.SelectMany(set => set["spec"]["template"]["spec"]["containers"].Items()))
        {
            Assert.That((string?)container["readinessProbe"]["httpGet"]["path"], Is.EqualTo("/readyz"));
            Assert.That((string?)container["livenessProbe"]["httpGet"]["path"], Is.EqualTo("/livez"));
            Assert.That((string?)container["readinessProbe"]["httpGet"]["port"], Is.EqualTo((string?)container["ports"][0]["name"]));
            Assert.That((string?)container["readinessProbe"]["timeoutSeconds"], Is.EqualTo("5"), "longer than a check's own deadline of 3 s");
        }
    }

    [Test]
    public void Containers_that_may_share_the_hosts_network_have_ports_of_their_own() => Assert.That(
        _overlay.Containers.SelectMany(each => each.Container.At("ports").Items()).Select(port => port.Text("containerPort")), Is.Unique);

    [Test]
    public void A_Pod_is_critical_for_its_node_and_of_one_image()
    {
        Assert.That(_overlay.Pods.Select(pod => pod.Text("priorityClassName")), Has.All.EqualTo("system-node-critical"));
        Assert.That(_overlay.Containers.Select(each => each.Container.Text("image")), Has.All.EqualTo("npu-feature-discovery:0.1.0"));
    }

    [Test]
    public void An_update_goes_on_only_over_Pods_that_are_ready()
    {
        foreach (var set in _overlay.DaemonSets)
        {
            var update = set["spec"]["updateStrategy"];
            Assert.That((string?)update["type"], Is.EqualTo("RollingUpdate"));
            Assert.That((string?)update["rollingUpdate"]["maxUnavailable"], Is.EqualTo(name == "cleanup" ? "100%" : "1"));
            Assert.That((string?)set["spec"]["minReadySeconds"], Is.EqualTo("5"));
        }
    }

    [Test]
    public void A_Pod_has_a_token_only_where_its_account_has_rights()
    {
        var accounts = _overlay.Of("ServiceAccount").Select(Overlay.NameOf).ToArray();
        foreach (var (pod, _) in _overlay.Containers)
        {
            var hasToken = pod.Text("automountServiceAccountToken") != "false";

            Assert.That(hasToken, Is.EqualTo(pod.At("serviceAccountName") is not null));
            if (hasToken)
                Assert.That(accounts, Does.Contain((string?)pod["serviceAccountName"]));
        }
    }

    [Test]
    public void Only_these_paths_of_the_host_are_there()
    {
        string[] read = ["/sys/bus ro", "/sys/class ro", "/sys/devices ro", "/dev ro"];
        foreach (var set in _overlay.DaemonSets)
        {
            string[] own = (Overlay.NameOf(set), name) switch
            {
                ("furiosa-device-plugin", _) => ["/var/lib/kubelet/device-plugins rw"],
                ("furiosa-npu-metrics-exporter", _) => ["/var/lib/kubelet/pod-resources ro"],
                ("furiosa-npu-agent", _) =>
                [
                    "/var/lib/kubelet/device-plugins rw", "/var/lib/kubelet/pod-resources ro",
                    "/etc/kubernetes/node-feature-discovery/features.d rw",
                ],
                ("furiosa-npu-feature-discovery", "nfd-feature-file" or "everything" or "cleanup") =>
                    ["/etc/kubernetes/node-feature-discovery/features.d rw"],
                _ => [],
            };

            Assert.That(HostPaths(set["spec"]["template"]["spec"]), Is.EquivalentTo(read.Concat(own)), Overlay.NameOf(set));
        }
    }

    [Test]
    public void A_path_of_the_host_is_there_by_its_own_name_below_the_root_that_is_read()
    {
        foreach (var (pod, container) in _overlay.Containers)
        {
            Assert.That(container["args"].Items().Select(text => (string?)text), Does.Contain("--root=/host"));
            foreach (var mount in container["volumeMounts"].Items())
            {
                var volume = pod["volumes"].Items().Single(volume => volume.Text("name") == mount.Text("name"));
                if (volume.Text("hostPath", "path") is { } path)
                    Assert.That((string?)mount["mountPath"], Is.EqualTo($"{path}").Or.EqualTo($"/host{path}"));
            }
        }
    }

    [Test]
    public void The_environment_is_that_of_the_Dockerfile()
    {
        var environment = File.ReadLines(Repository.At("deploy/image/Dockerfile"))
            .Reverse().TakeWhile(line => !line.StartsWith("FROM ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("ENV ", StringComparison.Ordinal))
            .Select(line => line["ENV ".Length..].Split('=')).Select(variable => ((string?)variable[0], variable[1])).ToArray();
        Assert.That(environment, Is.Not.Empty);
        foreach (var (_, container) in _overlay.Containers)
            Assert.That(environment, Is.SubsetOf(container["env"].Items().Select(variable => ((string?)variable["name"], variable.Text("value")))));
    }

    private static IEnumerable<string> HostPaths(YamlNode pod) => pod["volumes"].Items()
        .Where(volume => volume.At("hostPath") is not null)
        .Select(volume => (Path: (string?)volume["hostPath"]["path"], Mounts: MountsOf(pod, (string?)volume["name"])))
        .Select(volume => $"{volume.Path} {(volume.Mounts.All(mount => mount.Text("readOnly") == "true") ? "ro" : "rw")}");

    private static IEnumerable<YamlNode> MountsOf(YamlNode pod, string? volume) => pod["containers"].Items()
        .SelectMany(container => container["volumeMounts"].Items()).Where(mount => (string?)mount["name"] == volume);
}
