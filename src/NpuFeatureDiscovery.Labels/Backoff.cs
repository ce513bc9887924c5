namespace NpuFeatureDiscovery.Labels;

/// <summary>How long to wait before publishing again: doubling, with a random part, so that many do not try at the same time.</summary>
internal sealed class Backoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private int _attempts;

    /// <summary>The next wait: between half of the step and the whole of it.</summary>
    public TimeSpan Next()
    {
        var step = TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Min(_attempts++, 20), Longest.Ticks));
        return step * (0.5 + (0.5 * random.NextDouble()));
    }

    public void Reset() => _attempts = 0;
}
