using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>The exporter's text as a real Prometheus reads it, and its service discovery.</summary>
public sealed class ScrapeTests
{
    private const int Deadline = 120_000;
    private const string Resource = "beta.furiosa.ai/npu";

    [TestCase("sdk")]
    [TestCase("base-units")]
    [TestCase("current")]
    [TestCase("sdk,base-units")]
    [TestCase("current,base-units")]
    [CancelAfter(Deadline)]
    public async Task Prometheus_reads_every_sample_of_a_profile(string profile, CancellationToken token)
    {
        await using var node = await StartAsync(profile, token);
        using var prometheus = await PrometheusServer.StartAsync(Configuration(node.Address), token);

        await prometheus.UntilAnyAsync("up == 1", token);
        var expected = Samples(await node.ScrapeAsync(isOpenMetrics: true, token));
        await prometheus.UntilAsync("scrape_samples_scraped", samples => samples.Single().Value == expected, token);

        // Cards alone have more than this.
        Assert.That(expected, Is.GreaterThan(20));
        Assert.That(await prometheus.QueryAsync("up == 0", token), Is.Empty);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Prometheus_takes_the_units_that_only_OpenMetrics_tells(CancellationToken token)
    {
        await using var node = await StartAsync("base-units", token);
        using var prometheus = await PrometheusServer.StartAsync(Configuration(node.Address), token);

        await prometheus.UntilAnyAsync("up == 1", token);

        Assert.That(await prometheus.UnitOfAsync("furiosa_npu_temperature_celsius", token), Is.EqualTo("celsius"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task promtool_has_nothing_to_say_of_base_units(CancellationToken token)
    {
        await using var node = await StartAsync("base-units", token);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("metrics"), await node.ScrapeAsync(isOpenMetrics: false, token), token);

        var result = await PromTool.RunAsync($"check metrics < {folder.At("metrics")}", token);

        Assert.That((result.ExitCode, result.Output + result.Error), Is.EqualTo((0, "")));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task In_a_cluster_the_Pods_of_the_exporter_become_targets_by_the_name_of_their_node(CancellationToken token)
    {
        await using var node = await StartAsync("base-units", token);
        using var folder = new TemporaryFolder();
        // What Prometheus' discovery tells of Pods, by way of a file: Debian's build of it leaves Kubernetes out.
        await File.WriteAllTextAsync(folder.At("pods.yml"), string.Concat(
            Pod(node.Address, "furiosa-npu-metrics-exporter", port: 6254),
            Pod("127.0.0.1:1", "furiosa-npu-metrics-exporter", port: 9000),
            Pod("127.0.0.1:2", "another", port: 6254)), token);
        var discovery = """
                kubernetes_sd_configs:
                  - role: pod
                    namespaces:
                      names: [kube-system]

            """;
        var sample = await File.ReadAllTextAsync(Repository.At("samples/prometheus/prometheus-kubernetes.yml"), token);
        Assert.That(sample, Does.Contain(discovery));
        using var prometheus = await PrometheusServer.StartAsync(
            sample.Replace(discovery, $"    file_sd_configs: [{{files: [\"{folder.At("pods.yml")}\"]}}]\n", StringComparison.Ordinal)
                .Replace("15s", "1s", StringComparison.Ordinal)
                .Replace("rules/", Repository.At("samples/prometheus/rules/"), StringComparison.Ordinal), token);

        var held = await prometheus.UntilAnyAsync("furiosa_npu_allocation_info", token);

        using (Assert.EnterMultipleScope())
        {
            var target = (await prometheus.QueryAsync("up", token)).Single();
            Assert.That((target.Labels["instance"], target.Labels["node"], target.Value), Is.EqualTo(("worker-1", "worker-1", 1)));
            Assert.That(held.Select(sample => sample.Labels["pod"]), Is.EqualTo(["serving"]));
        }
    }

    private static async Task<ExportedNode> StartAsync(string profile, CancellationToken token)
    {
        PromTool.IgnoreWhereMissing();
        var node = await ExportedNode.StartAsync("mixed", "127.0.0.1", profile, token);
        node.Kubelet.Add("serving", "main", (Resource, [SampleCluster.MixedWarboy]));
        return node;
    }

    private static string Configuration(string address) => $$"""
        global: {scrape_interval: 1s}
        scrape_configs:
          - job_name: npu-metrics-exporter
            static_configs:
              - targets: ["{{address}}"]
        """;

    /// <summary>With the labels that an operator puts on all that it finds.</summary>
    private static string Pod(string address, string name, int port) => $$"""
        - targets: ["{{address}}"]
          labels:
            __meta_kubernetes_pod_label_app_kubernetes_io_name: {{name}}
            __meta_kubernetes_pod_container_port_number: "{{port}}"
            __meta_kubernetes_pod_node_name: worker-1
            namespace: kube-system
            pod: {{name}}-x7k2p

        """;

    private static int Samples(string text) => text.Split('\n').Count(line => line.Length > 0 && line[0] != '#');
}
