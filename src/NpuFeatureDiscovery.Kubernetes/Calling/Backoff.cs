namespace NpuFeatureDiscovery.Kubernetes.Calling;

/// <summary>
/// How long to wait before trying again: doubled with every attempt, and spread so that many do not come back at once.
/// </summary>
internal static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);

    /// <param name="attempt">0 for the first attempt that failed.</param>
    /// <param name="random">From 0 up to 1.</param>
    public static TimeSpan Delay(int attempt, double random) => First * (1 << Math.Min(attempt, 10)) * (0.5 + random);
}
