namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>How long a part that failed waits before it starts again: doubling, with a random part.</summary>
internal sealed class RestartBackoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
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
