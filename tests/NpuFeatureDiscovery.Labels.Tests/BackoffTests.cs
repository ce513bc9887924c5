namespace NpuFeatureDiscovery.Labels.Tests;

public sealed class BackoffTests
{
    [Test]
    public void Waits_double_up_to_a_minute_and_are_spread_over_the_half_of_it()
    {
        var backoff = new Backoff(new Random(1));

        foreach (var seconds in new[] { 2, 4, 8, 16, 32, 60, 60 })
            Assert.That(backoff.Next().TotalSeconds, Is.InRange(seconds / 2.0, seconds));

        backoff.Reset();
        Assert.That(backoff.Next(), Is.LessThanOrEqualTo(Backoff.First));
    }
}
