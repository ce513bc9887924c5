using System.Threading.Channels;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Configuration;

/// <summary>A clock that stands still until it is advanced, and tells when somebody begins to wait for a given time.</summary>
internal sealed class SettlingTimeProvider(TimeSpan settle) : TimeProvider
{
    private readonly ManualTimeProvider _time = new();
    private readonly Channel<bool> _waits = Channel.CreateUnbounded<bool>();

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override long GetTimestamp() => _time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _time.CreateTimer(callback, state, dueTime, period);
        if (dueTime == settle)
            _waits.Writer.TryWrite(true);

        return timer;
    }

    /// <summary>Waits for such a wait to begin, each once.</summary>
    public async Task WaitingAsync(CancellationToken cancellationToken) => await _waits.Reader.ReadAsync(cancellationToken);

    public void Advance(TimeSpan span) => _time.Advance(span);
}
