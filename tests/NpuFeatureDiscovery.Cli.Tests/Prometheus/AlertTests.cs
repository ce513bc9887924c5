using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>The rules of <c>samples/prometheus</c> in a real Prometheus; how long an alert waits is tested by promtool.</summary>
public sealed class AlertTests
{
    private const int Deadline = 180_000;

    [Test]
    [CancelAfter(Deadline)]
    public async Task Each_alert_is_silent_until_the_fault_that_it_is_for(CancellationToken token)
    {
        await using var cluster = await SampleCluster.StartAsync(token);
        var alerts = (await cluster.Prometheus.RulesAsync(token)).Where(rule => rule.IsAlert).ToDictionary(rule => rule.Name);
        var faults = Faults(cluster, token);
        // With two exporters none can be absent.
        Assert.That(alerts.Keys.Except(["NpuExporterAbsent"]), Is.EquivalentTo(faults.Select(fault => fault.Alert)));

        foreach (var (name, make) in faults)
        {
            Assert.That(await cluster.Prometheus.QueryAsync(alerts[name].Expression, token), Is.Empty, name);
            await make();
            await cluster.Prometheus.UntilAnyAsync(alerts[name].Expression, token);
        }
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_Prometheus_that_finds_no_exporter_says_so(CancellationToken token)
    {
        using var prometheus = await PrometheusServer.StartAsync(
            $"rule_files: [\"{Repository.At("samples/prometheus/rules/alerts.yml")}\"]", token);

        var alert = (await prometheus.RulesAsync(token)).Single(rule => rule.Name == "NpuExporterAbsent");

        Assert.That(await prometheus.QueryAsync(alert.Expression, token), Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_healthy_cluster_has_every_recorded_series_and_no_alert(CancellationToken token)
    {
        await using var cluster = await SampleCluster.StartAsync(token);
        var rules = await cluster.Prometheus.RulesAsync(token);

        foreach (var rule in rules.Where(rule => !rule.IsAlert))
            await cluster.Prometheus.UntilAnyAsync(rule.Name, token);

        // A Pod may look idle before its first work has been scraped.
        await cluster.Prometheus.UntilAsync("ALERTS", alerts => alerts.Count == 0, token);
        Assert.That((await cluster.Prometheus.RulesAsync(token)).Where(rule => rule.Error.Length > 0), Is.Empty);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Pods_are_joined_with_their_own_cards_where_two_have_the_same_name(CancellationToken token)
    {
        await using var cluster = await SampleCluster.StartAsync(token);
        SampleCluster.Hold(cluster.Mixed, "llm", SampleCluster.FreeRngd);

        var samples = await cluster.Prometheus.UntilAsync(
            "round(namespace_pod:furiosa_npu_power_watts:sum, 0.1)", samples => samples.Count == 4, token);

        var powers = samples.ToDictionary(sample => sample.Labels["pod"], sample => sample.Value);
        var shared = await CardPowerAsync(cluster, SampleCluster.SharedWarboy, token);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(powers["serving"], Is.EqualTo(await CardPowerAsync(cluster, SampleCluster.MixedWarboy, token)).Within(0.1));
            Assert.That(powers["llm"], Is.EqualTo(await CardPowerAsync(cluster, SampleCluster.FreeRngd, token)).Within(0.1));
            Assert.That((powers["left"], powers["right"]), Is.EqualTo((shared / 2, shared / 2)).Within(0.1));
        }
    }

    private static async Task<double> CardPowerAsync(SampleCluster cluster, string uuid, CancellationToken token) =>
        (await cluster.Prometheus.QueryAsync($"instance_device:furiosa_npu_power_watts:sum{{uuid=\"{uuid}\"}}", token)).Single().Value;

    private static (string Alert, Func<Task> Make)[] Faults(SampleCluster cluster, CancellationToken token)
    {
        var (mixed, warboys) = (cluster.Mixed, cluster.Warboys);
        return
        [
            Fault("NpuTooHot", () => mixed.SetSensor("NE", 86_000)),
            Fault("NpuAmbientTooHot", () => mixed.SetSensor("AMBIENT", 51_000)),
            Fault("NpuAtPowerLimit", () => mixed.SetSensor("PCI Total RMS PWR", 58_000_000)),
            Fault("NpuErrorsRising", () => mixed.Host.Write("/sys/class/npu_mgmt/npu0_mgmt/atr_error", "AXI Post Error: 4000\n")),
            Fault("NpuReadFailing", () => warboys.Host.MakeUnreadable("/sys/class/npu_mgmt/npu1_mgmt/heartbeat")),
            Fault("NpuDriverVersionsDiffer", () => warboys.Host.Write("/sys/class/npu_mgmt/npu1_mgmt/version", "1.7.0, 5b3e6c9\n")),
            Fault("NpuDoubleAllocation", () => SampleCluster.Hold(mixed, "second", SampleCluster.MixedWarboy)),
            Fault("NpuOverlappingAllocation", () => SampleCluster.Hold(mixed, "third", $"{SampleCluster.MixedWarboy}_cores_0")),
            Fault("NpuPhantomAllocation", () => SampleCluster.Hold(mixed, "fourth", "GONE")),
            // Its counters stand still.
            Fault("NpuAllocatedIdle", () => SampleCluster.Hold(warboys, "notebook", SampleCluster.FreeWarboy)),
            Fault("NpuDead", () => mixed.Host.Write("/sys/class/rngd_mgmt/rngd!npu0mgmt/device_state", "0\n")),
            Fault("NpuUnhealthyAllocation", () => SampleCluster.Hold(mixed, "llm", SampleCluster.FreeRngd)),
            ("NpuPodResourcesUnanswered", warboys.Kubelet.StopAsync),
            ("NpuExporterDown", () => warboys.EndExporterAsync(token)),
        ];
    }

    private static (string Alert, Func<Task> Make) Fault(string alert, Action make) => (alert, () => Task.Run(make));
}
