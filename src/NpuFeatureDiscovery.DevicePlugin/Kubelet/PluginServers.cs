namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>The servers of one resource: the newest, and older ones for the streams that are still open at them.</summary>
internal sealed class PluginServers(TimeProvider timeProvider)
{
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(5);

    private readonly List<DevicePluginServer> _servers = [];

    public DevicePluginServer? Newest => _servers.LastOrDefault();

    /// <summary>How many ListAndWatch streams are open.</summary>
    public int Streams => _servers.Sum(server => server.Streams);

    /// <summary>Whether the last registration has come to a stream. Those of the ones before go on, and tell nothing of it.</summary>
    public bool HaveRegisteredStream => _servers.Exists(server => server.RegisteredStreams > 0);

    public void Add(DevicePluginServer server) => _servers.Add(server);

    /// <summary>Whether a stream was opened since this was asked last, even if it has ended.</summary>
    public bool TakeOpened() => _servers.FindAll(server => server.TakeOpened()) is not [];

    /// <summary>Whether a stream of the last registration has ended since this was asked last, even if another is open.</summary>
    public bool TakeEnded() => _servers.FindAll(server => server.TakeEnded()) is not [];

    /// <summary>A registration begins: what was opened before is not its own.</summary>
    public void NoteRegistration()
    {
        foreach (var server in _servers)
            server.NoteRegistration(isDialled: server == Newest);
    }

    public Task EndNewestAsync() => EndAsync(_servers[^1..]);

    /// <summary>An old socket's server is of no use but for its streams, which end with the kubelet that opened them.</summary>
    public Task EndUnusedAsync() => EndAsync(_servers.SkipLast(1).Where(server => server.Streams == 0));

    public Task EndAllAsync() => EndAsync(_servers);

    private async Task EndAsync(IEnumerable<DevicePluginServer> servers)
    {
        foreach (var server in servers.ToArray())
        {
            _servers.Remove(server);
            using var deadline = new CancellationTokenSource(StopDeadline, timeProvider);
            await server.StopAsync(deadline.Token);
            await server.DisposeAsync();
        }
    }
}
