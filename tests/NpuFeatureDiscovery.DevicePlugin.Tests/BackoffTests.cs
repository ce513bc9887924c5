namespace NpuFeatureDiscovery.DevicePlugin.Tests;

public sealed class BackoffTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    [Test]
    public void Waits_double_up_to_the_longest_and_vary_by_half()
    {
        var backoff = new Backoff(First, Longest, new Random(1));

        for (var attempt = 0; attempt < 100; attempt++)
        {
            var step = First * Math.Min(Math.Pow(2, Math.Min(attempt, 10)), Longest / First);
            Assert.That(backoff.Next(), Is.InRange(step * 0.5, step));
        }
    }

    [Test]
    public void After_a_reset_waits_are_short_again()
    {
        var backoff = new Backoff(First, Longest, new Random(1));
        for (var attempt = 0; attempt < 10; attempt++)
            backoff.Next();

        backoff.Reset();

        Assert.That(backoff.Next(), Is.LessThanOrEqualTo(First));
    }
}
