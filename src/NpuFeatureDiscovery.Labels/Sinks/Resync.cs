namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>Tells when it is time to look again, whatever the wall clock does; due at the start.</summary>
internal sealed class Resync(TimeSpan interval, TimeProvider timeProvider)
{
    private long? _since;
    private TimeSpan _wait;

    public bool IsDue => _since is not { } since || timeProvider.GetElapsedTime(since) >= _wait;

    public void Postpone()
    {
        _since = timeProvider.GetTimestamp();
        _wait = interval * (0.9 + (Random.Shared.NextDouble() * 0.2));
    }

    public void Expire() => _since = null;
}
