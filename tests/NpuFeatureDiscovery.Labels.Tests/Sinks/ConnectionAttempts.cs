using System.Diagnostics;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>Counts how often this process tries to connect to a port, also in vain.</summary>
internal sealed class ConnectionAttempts : IDisposable
{
    private readonly ActivityListener _listener;
    private int _count;

    public ConnectionAttempts(int port)
    {
        _listener = new ActivityListener
        {
            // https://learn.microsoft.com/dotnet/core/diagnostics/distributed-tracing-builtin-activities
            ShouldListenTo = source => source.Name == "Experimental.System.Net.Sockets",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("network.peer.port") is int peer && peer == port)
                    Interlocked.Increment(ref _count);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public int Count => Volatile.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
