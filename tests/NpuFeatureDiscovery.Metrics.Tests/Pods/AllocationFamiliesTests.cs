using System.Buffers;
using System.Text;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Pods;
using static NpuFeatureDiscovery.Metrics.Tests.Pods.HeldCards;

namespace NpuFeatureDiscovery.Metrics.Tests.Pods;

public sealed class AllocationFamiliesTests
{
    private static readonly NodeSnapshot Node = new(
        [Card(0, "A"), Card(1, "B"), Card(2, "C") with { Health = new DeviceHealth(HealthState.Unhealthy, "alive is 0") }, Card(3, null)],
        new Machine(null, null), []);

    [Test]
    public void Who_holds_what_is_told_by_the_names_of_card_and_Pod() =>
        Assert.That(Print(Held("A", "one"), Held("B_cores_1", "two")), Is.EqualTo(
        [
            """furiosa_npu_allocation_info{container="main",core="1",device="npu1",namespace="default",pod="two",resource="beta.furiosa.ai/npu",uuid="B"} 1""",
            """furiosa_npu_allocation_info{container="main",device="npu0",namespace="default",pod="one",resource="beta.furiosa.ai/npu",uuid="A"} 1""",
            "furiosa_npu_pod_resources_up 1",
        ]));

    [Test]
    public void A_card_without_a_UUID_is_joined_by_its_name_alone() =>
        Assert.That(Print(Held("0000:03:00.0", "one")), Does.Contain(
            """furiosa_npu_allocation_info{container="main",device="npu3",namespace="default",pod="one",resource="beta.furiosa.ai/npu"} 1"""));

    [TestCase("furiosa_npu_allocation_double", "A", "A", 2)]
    [TestCase("furiosa_npu_allocation_overlap", "A", "A_cores_0", 2)]
    [TestCase("furiosa_npu_allocation_phantom", "Z", "A", 1)]
    [TestCase("furiosa_npu_allocation_unhealthy", "C", "A", 1)]
    public void Each_fault_is_a_metric_with_a_series_for_each_allocation_that_has_it(string metric, string one, string other, int count)
    {
        var faults = Print(Held(one, "one"), Held(other, "two"))
            .Where(line => !line.Contains("_info{") && !line.Contains("_up ")).ToArray();

        Assert.That(faults, Has.Exactly(count).Items.And.All.StartsWith(metric + "{").And.All.EndsWith(" 1"));
        Assert.That(faults, Has.Some.Contains("pod=\"one\""));
    }

    [Test]
    public void A_fault_that_several_others_cause_is_one_series() =>
        Assert.That(Print(Held("A", "one"), Held("A", "two"), Held("A", "three")).Where(line => line.Contains("_double{")),
            Has.Exactly(3).Items);

    [Test]
    public void Where_the_kubelet_does_not_tell_only_that_is_shown() =>
        Assert.That(Print(null), Is.EqualTo(["furiosa_npu_pod_resources_up 0"]));

    private static string[] Print(params IReadOnlyList<Allocation>? allocations)
    {
        var text = new ArrayBufferWriter<byte>();
        MetricsFormat.PrometheusText.Write(text, AllocationFamilies.Create(Node, new DeviceIds(), allocations));
        return [.. Encoding.UTF8.GetString(text.WrittenSpan).Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
    }
}
