using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Npus;

namespace NpuFeatureDiscovery.Metrics.Tests.Npus;

public sealed class CardLoadTests
{
    private const ulong Gigahertz = 1_000_000_000;
    private const double Tolerance = 1e-9;

    private static readonly NpuDevice Device = new()
    {
        Family = NpuFamily.Warboy,
        Platform = NpuPlatform.FuriosaAI,
        Product = "warboyB0",
        Index = 0,
        PciAddress = new PciAddress(0, 1, 0, 0),
        Cores = [0, 1],
        Health = DeviceHealth.Healthy,
    };

    private readonly CardLoad _card = new();

    [Test]
    public void One_sample_alone_tells_nothing()
    {
        Add(0, Denied("0"), Used("1", 0, 0));

        Assert.That(At(0), Is.Empty);
    }

    [Test]
    public void Cores_that_nobody_uses_are_idle()
    {
        Add(0, Denied("0"), Denied("1"), Denied("0-1"));
        Add(1, Denied("0"), Denied("1"), Denied("0-1"));

        Assert.That(At(1), Is.EqualTo([new CoreLoad(0, 0, null, TimeSpan.Zero), new CoreLoad(1, 0, null, TimeSpan.Zero)]));
    }

    [Test]
    public void Counters_that_stand_still_are_idle_whatever_they_say()
    {
        Add(0, Used("0", 7 * Gigahertz, 4_000_000_000));
        Add(1, Used("0", 7 * Gigahertz, 4_000_000_000));

        Assert.That(At(1).Single().Utilization, Is.Zero);
    }

    [Test]
    public void A_combination_that_is_in_use_counts_once_for_each_of_its_cores()
    {
        Add(0, Denied("0"), Denied("1"), Used("0-1", 0, 0, 0));
        Add(1, Denied("0"), Denied("1"), Used("0-1", Gigahertz, 400_000_000, 100_000_000));

        Assert.That(At(1), Is.EqualTo(
        [
            new CoreLoad(0, 0.4, 0.25, TimeSpan.FromSeconds(0.4)), new CoreLoad(1, 0.4, 0.25, TimeSpan.FromSeconds(0.4)),
        ]));
    }

    [Test]
    public void Combinations_that_share_a_core_are_not_added_up()
    {
        Add(0, Used("0", 0, 0), Used("0-1", 0, 0));
        Add(1, Used("0", Gigahertz, 900_000_000), Used("0-1", Gigahertz, 800_000_000));

        Assert.That(At(1).Select(load => (load.Core, load.Utilization)), Is.EqualTo([(0, 0.9), (1, 0.8)]));
    }

    [Test]
    public void The_mean_is_weighted_by_time()
    {
        Add(0, Used("0", 0, 0));
        Add(2, Used("0", 2 * Gigahertz, 2_000_000_000));
        Add(3, Used("0", 3 * Gigahertz, 2_000_000_000));

        Assert.That(At(3).Single().Utilization, Is.EqualTo(2.0 / 3).Within(Tolerance));
    }

    [Test]
    public void After_ten_seconds_what_was_does_not_count_any_more_but_in_the_sum()
    {
        Add(0, Used("0", 0, 0));
        Add(1, Used("0", Gigahertz, 1_000_000_000));
        for (var second = 2; second <= 10; second++)
            Add(second, Used("0", (ulong)second * Gigahertz, 1_000_000_000));
        var lastWith = At(10).Single().Utilization;

        Add(11, Used("0", 11 * Gigahertz, 1_000_000_000));

        Assert.That(lastWith, Is.EqualTo(0.1).Within(Tolerance));
        Assert.That(At(11).Single(), Is.EqualTo(new CoreLoad(0, 0, null, TimeSpan.FromSeconds(1))));
    }

    [Test]
    public void A_counter_that_goes_round_between_two_samples_goes_on()
    {
        Add(0, Used("0", 5 * Gigahertz, uint.MaxValue - 99));
        Add(1, Used("0", 6 * Gigahertz, 249_999_900));

        Assert.That(At(1).Single().Utilization, Is.EqualTo(0.25).Within(Tolerance));
    }

    [Test]
    public void A_card_that_began_anew_counts_by_its_newer_sample()
    {
        Add(0, Used("0", 900 * Gigahertz, 4_000_000_000));
        Add(1, Used("0", 400_000_000, 100_000_000));

        Assert.That(At(1).Single().Utilization, Is.EqualTo(0.25).Within(Tolerance));
    }

    [Test]
    public void Time_in_which_a_counter_may_have_gone_round_unseen_is_left_out()
    {
        Add(0, Used("0", 0, 0), Denied("1"));
        Add(1, Used("0", Gigahertz, 500_000_000), Denied("1"));
        Add(4, Used("0", 4 * Gigahertz, 500_000_000), Denied("1"));

        Assert.That(At(4).Select(load => load.Utilization), Is.EqualTo([0.5, 0.0]));
        Assert.That(At(4)[0].Busy, Is.EqualTo(TimeSpan.FromSeconds(0.5)));
    }

    [Test]
    public void After_a_long_stop_nothing_is_known_until_two_samples_follow()
    {
        Add(0, Used("0", 0, 0));
        Add(1, Used("0", Gigahertz, 500_000_000));

        Add(61, Used("0", 61 * Gigahertz, 600_000_000));
        var afterTheStop = At(61);
        Add(62, Used("0", 62 * Gigahertz, 1_600_000_000));

        Assert.That(afterTheStop, Is.Empty);
        Assert.That(At(62).Single(), Is.EqualTo(new CoreLoad(0, 1, 0, TimeSpan.FromSeconds(1.5))));
    }

    [Test]
    public void A_sample_that_is_old_speaks_of_nothing_now()
    {
        Add(0, Denied("0"));
        Add(1, Denied("0"));

        Assert.That((At(3).Count, At(4).Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public void A_card_that_does_not_answer_has_no_load_and_its_busy_time_goes_on_afterwards()
    {
        Add(0, Used("0", 0, 0));
        Add(1, Used("0", Gigahertz, 500_000_000));

        _card.Add(TimeSpan.FromSeconds(2), new SensorReadings { Device = Device, Failure = "no answer" });
        var whileItHangs = At(2);
        Add(3, Used("0", 3 * Gigahertz, 500_000_000));
        var afterOne = At(3);
        Add(4, Used("0", 4 * Gigahertz, 500_000_000));

        Assert.That((whileItHangs.Count, afterOne.Count), Is.EqualTo((0, 0)));
        Assert.That(At(4).Single(), Is.EqualTo(new CoreLoad(0, 0, null, TimeSpan.FromSeconds(0.5))));
    }

    [Test]
    public void While_use_begins_or_ends_nothing_is_known_of_these_cores()
    {
        Add(0, Denied("0"), Denied("1"), Denied("0-1"));
        Add(1, Used("0", 50_000_000, 50_000_000), Denied("1"), Denied("0-1"));

        Assert.That(At(1).Select(load => load.Core), Is.EqualTo([1]));
    }

    [Test]
    public void A_combination_that_the_driver_takes_back_leaves_its_cores_unknown_for_that_time()
    {
        Add(0, Denied("0"), Denied("1"), Used("0-1", 0, 0));
        Add(1, Denied("0"), Denied("1"));
        var meanwhile = At(1);
        Add(2, Denied("0"), Denied("1"));

        Assert.That((meanwhile.Count, At(2).Count), Is.EqualTo((0, 2)));
    }

    [Test]
    public void Cores_of_counters_that_cannot_be_read_are_idle_only_where_it_is_known()
    {
        CoreRange[] unknown = [new(1, 1)];
        Add(0, unknown, Denied("0"), Used("0-1", 0, 0));
        Add(1, unknown, Denied("0"), Used("0-1", 0, 0));
        var idle = At(1);
        Add(2, unknown, Denied("0"), Used("0-1", Gigahertz, 500_000_000));

        Assert.That(idle.Select(load => load.Core), Is.EqualTo([0]));
        Assert.That(At(2).Select(load => load.Core), Is.EqualTo([0, 1]));
    }

    private IReadOnlyList<CoreLoad> At(int second) => _card.At(TimeSpan.FromSeconds(second));

    private void Add(int second, params ReadOnlySpan<CoreCounters> counters) => Add(second, [], counters);

    /// <summary>All counters of a sample are read at its time.</summary>
    private void Add(int second, CoreRange[] unknown, params ReadOnlySpan<CoreCounters> counters)
    {
        var now = TimeSpan.FromSeconds(second);
        CoreCounters[] read = [.. counters.ToArray().Select(combination => combination with { Sample = combination.Sample is { } sample ? sample with { ReadAt = now } : null })];
        _card.Add(now, new SensorReadings { Device = Device, CoreCounters = [.. read], UnknownCounters = [.. unknown] });
    }

    private static CoreCounters Denied(string cores) => new(Range(cores), null);

    private static CoreCounters Used(string cores, ulong cycles, uint task, uint tensor = 0) =>
        new(Range(cores), new CounterSample(TimeSpan.Zero, cycles, task, tensor));

    private static CoreRange Range(string cores) => new(cores[0] - '0', cores[^1] - '0');
}
