namespace NpuFeatureDiscovery;

/// <summary>How long to wait before trying again: doubling, with a random part, so that many do not try at the same time.</summary>
/// <param name="first">The first step.</param>
/// <param name="longest">The last step, which all further ones equal.</param>
/// <param name="random">Makes the random part.</param>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _attempts;

    public TimeSpan Longest => longest;

    /// <summary>The next wait: between half of the step and the whole of it.</summary>
    public TimeSpan Next()
    {
        var step = TimeSpan.FromTicks(Math.Min(first.Ticks << Math.Min(_attempts++, 20), longest.Ticks));
        return step * (0.5 + (0.5 * random.NextDouble()));
    }

    public void Reset() => _attempts = 0;
}
