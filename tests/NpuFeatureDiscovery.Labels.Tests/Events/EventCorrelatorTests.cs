using NpuFeatureDiscovery.Labels.Events;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Events;

public sealed class EventCorrelatorTests
{
    private static readonly NodeEvent One = new(true, "One", "One has happened.");
    private static readonly NodeEvent Other = One with { Message = "One has happened elsewhere." };

    private readonly ManualTimeProvider _time = new();

    [Test]
    public void The_same_again_is_counted_in_the_same_object()
    {
        var correlator = new EventCorrelator("node-1", _time);
        var first = correlator.Observe(One);
        _time.Advance(EventCorrelator.Window);

        Assert.That(correlator.Observe(One), Is.EqualTo(first with { Count = 2, Last = first.First + EventCorrelator.Window }));
    }

    [Test]
    public void Another_thing_is_another_object()
    {
        var correlator = new EventCorrelator("node-1", _time);

        Assert.That(correlator.Observe(Other).Name, Is.Not.EqualTo(correlator.Observe(One).Name));
    }

    [Test]
    public void After_the_window_it_is_a_new_object()
    {
        var correlator = new EventCorrelator("node-1", _time);
        var first = correlator.Observe(One);
        _time.Advance(EventCorrelator.Window + TimeSpan.FromSeconds(1));

        var next = correlator.Observe(One);

        Assert.That((next.Count, next.First), Is.EqualTo((1, _time.GetUtcNow())));
        Assert.That(next.Name, Is.Not.EqualTo(first.Name));
    }

    [TestCase("node-1", "node-1.")]
    [TestCase("a.very-long", "a.very-long.")]
    public void The_objects_name_begins_with_the_Nodes_and_is_a_legal_one(string start, string expected)
    {
        var node = start.PadRight(start.Length == 6 ? 6 : 253, 'x');

        var name = new EventCorrelator(node, _time).Observe(One).Name;

        Assert.That(name, Does.StartWith(start).And.Match(@"\A[a-z0-9.-]{1,236}\.[0-9a-f]{16}\z"));
        Assert.That(name, Has.Length.LessThanOrEqualTo(253).And.Length.GreaterThan(expected.Length));
    }

    [Test]
    public void The_budget_is_25_at_once_and_one_in_five_minutes_after_that()
    {
        var budget = new EventBudget(_time);
        var taken = Enumerable.Range(0, 100).Count(_ => budget.TryTake());
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        var early = budget.TryTake();
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.That((taken, early, budget.TryTake(), budget.TryTake()), Is.EqualTo((25, false, true, false)));
        _time.Advance(TimeSpan.FromDays(30));
        Assert.That(Enumerable.Range(0, 100).Count(_ => budget.TryTake()), Is.EqualTo(25));
    }
}
