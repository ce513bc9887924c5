using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Devices.Tests.Sensors;

public sealed class CoreUtilizationTests
{
    private const double Tolerance = 1e-9;

    [Test]
    public void Utilization_is_the_share_of_tasks_and_computation_the_share_of_tensors_in_it()
    {
        var utilization = Between(Sample(0, 10_000_000_000, 100, 50), Sample(1, 11_000_000_000, 500_000_100, 400_000_050));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(utilization?.Utilization, Is.EqualTo(0.5).Within(Tolerance));
            Assert.That(utilization?.ComputationRatio, Is.EqualTo(0.8).Within(Tolerance));
        }
    }

    [Test]
    public void A_counter_that_went_round_goes_on_from_zero()
    {
        var utilization = Between(Sample(0, 0, uint.MaxValue - 99, uint.MaxValue), Sample(1, 1_000_000_000, 249_999_900, 124_999_999));

        Assert.That(utilization, Is.EqualTo(new CoreUtilization(0.25, 0.5)));
    }

    [Test]
    public void After_a_restart_of_the_card_the_newer_sample_counts_by_itself()
    {
        var utilization = Between(Sample(0, 9_000_000_000, 4_000_000_000, 3_000_000_000), Sample(1, 400_000_000, 100_000_000, 25_000_000));

        Assert.That(utilization, Is.EqualTo(new CoreUtilization(0.25, 0.25)));
    }

    [TestCase(449_999_999UL, 300_000.0 / 449_999_999)]
    [TestCase(450_000_000UL, 200_000.0 / 450_000_000)]
    public void Where_the_clock_stood_still_in_between_the_newer_sample_counts_by_itself(ulong cyclesInASecond, double expected)
    {
        var utilization = Between(Sample(0, 0, 100_000, 0), Sample(1, cyclesInASecond, 300_000, 0));

        Assert.That(utilization?.Utilization, Is.EqualTo(expected).Within(Tolerance));
    }

    [Test]
    public void Tasks_never_take_more_than_the_whole_time_nor_tensors_more_than_the_tasks()
    {
        var utilization = Between(Sample(0, 0, 0, 0), Sample(1, 1_000_000_000, 1_000_000_500, 1_000_000_700));

        Assert.That(utilization, Is.EqualTo(new CoreUtilization(1, 1)));
    }

    [Test]
    public void Without_a_task_there_is_no_computation_to_share()
    {
        Assert.That(Between(Sample(0, 0, 7, 7), Sample(1, 1_000_000_000, 7, 7)), Is.EqualTo(new CoreUtilization(0, null)));
    }

    [Test]
    public void Samples_that_are_so_far_apart_that_a_counter_may_have_gone_round_unseen_tell_nothing()
    {
        var older = Sample(0, 0, 0, 0);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Between(older, Sample(4, CoreUtilization.MaxCycles, 1, 0)), Is.Not.Null);
            Assert.That(Between(older, Sample(4, CoreUtilization.MaxCycles + 1, 1, 0)), Is.Null);
            Assert.That(Between(Sample(0, 50_000_000_000, 0, 0), Sample(60, 50_000_000_001, 1, 0)), Is.Null);
        }
    }

    [Test]
    public void One_sample_alone_tells_nothing()
    {
        var sample = Sample(1, 1_000_000_000, 5, 5);

        Assert.That((Between(sample, sample), Between(Sample(0, 0, 0, 0), Sample(1, 0, 0, 0))), Is.EqualTo(
            ((CoreUtilization?)null, (CoreUtilization?)null)));
    }

    private static CoreUtilization? Between(CounterSample older, CounterSample newer) => CoreUtilization.Between(older, newer);

    private static CounterSample Sample(int second, ulong cycles, uint task, uint tensor) =>
        new(TimeSpan.FromSeconds(second), cycles, task, tensor);
}
