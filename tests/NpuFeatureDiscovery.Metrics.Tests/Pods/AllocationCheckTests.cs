using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Pods;
using static NpuFeatureDiscovery.Metrics.Tests.Pods.HeldCards;

namespace NpuFeatureDiscovery.Metrics.Tests.Pods;

public sealed class AllocationCheckTests
{
    private static readonly NodeSnapshot Node = new(
        [Card(0, "A"), Card(1, "B"), Card(2, "C") with { Health = new DeviceHealth(HealthState.Unhealthy, "alive is 0") }],
        new Machine(null, null), []);

    [Test]
    public void What_is_held_once_of_cards_that_work_is_well() =>
        Assert.That(Find(Held("A", "one"), Held("B_cores_0", "two"), Held("B_cores_1", "three")), Is.Empty);

    [Test]
    public void A_card_that_two_Pods_hold_is_told_of_both()
    {
        var findings = Find(Held("A", "one"), Held("A", "two"));

        Assert.That(findings.Select(finding => finding.Fault), Is.EqualTo([AllocationFault.DoubleAllocation, AllocationFault.DoubleAllocation]));
        Assert.That(findings[0].Reason, Is.EqualTo("'A' is held by default/one (main), and 'A' by default/two (main)."));
    }

    [TestCase("A", "A_cores_1")]
    [TestCase("A_cores_0-1", "A_cores_1")]
    public void Units_that_share_cores_overlap(string one, string two) =>
        Assert.That(Find(Held(one, "one"), Held(two, "two")).Select(finding => finding.Fault), Is.All.EqualTo(AllocationFault.Overlap)
            .And.Exactly(2).Items);

    [Test]
    public void The_containers_of_one_Pod_may_share_a_card() =>
        Assert.That(Find(Held("A", "one"), Held("A", "one") with { Container = "init" }), Is.Empty);

    [TestCase("Z")]
    [TestCase("A_cores_2")]
    public void A_unit_that_the_node_does_not_have_is_a_phantom(string id) =>
        Assert.That(Find(Held(id, "one")).Single().Fault, Is.EqualTo(AllocationFault.Phantom));

    [Test]
    public void A_card_that_does_not_work_is_told_with_the_reason()
    {
        var finding = Find(Held("C", "one")).Single();

        Assert.That((finding.Fault, finding.Reason), Is.EqualTo(
            (AllocationFault.Unhealthy, "default/one (main) holds npu2, which does not work: alive is 0.")));
    }

    private static IReadOnlyList<AllocationFinding> Find(params IReadOnlyList<Allocation> allocations) =>
        AllocationCheck.Find(Node, new DeviceIds(), allocations);
}
