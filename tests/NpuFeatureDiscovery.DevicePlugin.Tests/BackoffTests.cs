namespace NpuFeatureDiscovery.DevicePlugin.Tests;

public sealed class BackoffTests
{
    [Test]
    public void Waits_double_up_to_the_longest_and_vary_by_half()
    {
        var backoff = new Backoff(new Random(1));

        for (var attempt = 0; attempt < 100; attempt++)
        {
            var step = TimeSpan.FromSeconds(Math.Min(0.2 * Math.Pow(2, Math.Min(attempt, 10)), 30));
            Assert.That(backoff.Next(), Is.InRange(step * 0.5, step));
        }
    }

    [Test]
    public void After_a_reset_waits_are_short_again()
    {
        var backoff = new Backoff(new Random(1));
        for (var attempt = 0; attempt < 10; attempt++)
            backoff.Next();

        backoff.Reset();

        Assert.That(backoff.Next(), Is.LessThanOrEqualTo(Backoff.First));
    }
}
