using NpuFeatureDiscovery.Cli.Agent;

namespace NpuFeatureDiscovery.Cli.Tests.Agent;

public sealed class RestartBackoffTests
{
    [Test]
    public void Waits_double_from_a_second_to_a_minute_less_a_random_part_and_begin_anew_after_a_reset()
    {
        var backoff = new RestartBackoff(new Random(7));
        double[] steps = [1, 2, 4, 8, 16, 32, 60, 60];

        var waits = steps.Select(_ => backoff.Next().TotalSeconds).ToArray();
        backoff.Reset();

        Assert.That(waits.Zip(steps), Has.All.Matches<(double Wait, double Step)>(each => each.Wait >= each.Step / 2 && each.Wait <= each.Step));
        Assert.That(backoff.Next(), Is.LessThanOrEqualTo(RestartBackoff.First));
    }
}
