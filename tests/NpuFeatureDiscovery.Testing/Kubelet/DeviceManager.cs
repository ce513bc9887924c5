using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>What one run of a kubelet knows of its plugins: their connections, streams and devices.</summary>
internal sealed partial class DeviceManager : IAsyncDisposable
{
    /// <summary>How long a stopped resource keeps its capacity.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly PluginFolder _folder;
    private readonly KubeletVersion _version;
    private readonly KubeletFaults _faults;
    private readonly StateBoard _board;
    private readonly TimeProvider _timeProvider;
    private readonly ISet<string> _checkpoint;
    private readonly Dictionary<string, ResourceEntry> _resources = new(StringComparer.Ordinal);
    private readonly List<PluginClient> _clients = [];
    private readonly List<Task> _tasks = [];
    private readonly CancellationTokenSource _ending = new();
    private bool _isOver;

    /// <param name="folder">The plugins' folder.</param>
    /// <param name="version">How it behaves.</param>
    /// <param name="faults">What goes wrong.</param>
    /// <param name="checkpoint">The resources of the runs before, which come back without devices and stopped.</param>
    /// <param name="board">Where its state is shown.</param>
    /// <param name="timeProvider">The clock.</param>
    public DeviceManager(
        PluginFolder folder, KubeletVersion version, KubeletFaults faults, ISet<string> checkpoint, StateBoard board,
        TimeProvider timeProvider)
    {
        (_folder, _version, _faults, _checkpoint, _board, _timeProvider) =
            (folder, version, faults, checkpoint, board, timeProvider);
        lock (_lock)
        {
            foreach (var name in checkpoint)
                Stop(_resources[name] = new ResourceEntry(name));

            Publish();
        }
    }

    /// <summary>Takes a plugin in; done when a kubelet of this version answers the plugin.</summary>
    /// <exception cref="GrpcException">What the plugin is told.</exception>
    public Task RegisterAsync(RegisterRequest request)
    {
        var connecting = Own(_version.AnswersBeforeItDials
            ? ConnectLaterAsync(request) : ConnectAsync(request.ResourceName, () => NewClient(request.Endpoint)));
        return _version.AnswersBeforeItDials ? Task.CompletedTask : connecting;
    }

    /// <summary>Takes in a plugin that was found at its socket.</summary>
    /// <exception cref="GrpcException">What the plugin is told.</exception>
    public Task ConnectFoundAsync(string resourceName, string socketPath) =>
        Own(ConnectAsync(resourceName, () => NewClient(socketPath, socketPath)));

    /// <summary>Ends the connection to a plugin whose socket is gone; who it is taken for depends on the version.</summary>
    public void Deregister(string resourceName, string socketPath)
    {
        lock (_lock)
        {
            var entry = Entry(resourceName);
            var client = _version.EndOfStream is EndOfStream.DisconnectsTheSocket
                ? entry.Clients.Find(other => other.Endpoint == socketPath)
                : entry.Clients.FirstOrDefault();
            if (client is not null)
                Disconnect(entry, client);

            Publish($"'{resourceName}' at '{socketPath}' is deregistered.");
        }
    }

    /// <summary>Drops the connections to a resource's plugins, as if they had broken.</summary>
    public void Drop(string resourceName)
    {
        PluginClient[] clients;
        lock (_lock)
            clients = _resources.TryGetValue(resourceName, out var entry) ? [.. entry.Clients] : [];

        foreach (var client in clients)
            client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Task[] tasks;
        PluginClient[] clients;
        lock (_lock)
        {
            _isOver = true;
            tasks = [.. _tasks];
            clients = [.. _clients];
        }

        await _ending.CancelAsync();
        foreach (var client in clients)
            client.Dispose();

        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        _admitting.Dispose();
    }

    private async Task ConnectLaterAsync(RegisterRequest request)
    {
        try
        {
            var client = NewClient(request.Endpoint);
            client.Options = request.Options?.ToRecord() ?? client.Options;
            await client.DialAsync(_board.Log, _ending.Token);
            lock (_lock)
            {
                var entry = Entry(request.ResourceName);
                Add(entry, client);
                entry.Use(client);
                Watch(entry, client);
            }
        }
        catch (Exception exception) when (exception is TimeoutException or ArgumentException)
        {
            _board.Log(exception.Message);
        }
    }

    private async Task ConnectAsync(string resourceName, Func<PluginClient> newClient)
    {
        PluginClient? client = null;
        try
        {
            client = newClient();
            lock (_lock)
                Add(Entry(resourceName), client);

            await client.DialAsync(_board.Log, _ending.Token);
            client.Options = await client.GetOptionsAsync(_ending.Token);
            lock (_lock)
            {
                var entry = Entry(resourceName);
                entry.Use(client);
                Watch(entry, client);
            }
        }
        catch (Exception exception) when (exception is TimeoutException or ArgumentException or GrpcException)
        {
            lock (_lock)
            {
                if (client is not null)
                    Remove(Entry(resourceName), client);
            }

            client?.Dispose();
            _board.Log(exception.Message);
            throw new GrpcException(GrpcStatusCode.Unknown, exception.Message, exception);
        }
    }

    private PluginClient NewClient(string endpoint) => NewClient(endpoint, _folder.PathOf(endpoint));

    private PluginClient NewClient(string endpoint, string socketPath)
    {
        var client = new PluginClient(endpoint, socketPath, _timeProvider);
        lock (_lock)
            _clients.Add(client);

        return client;
    }

    private ResourceEntry Entry(string name)
    {
        if (!_resources.TryGetValue(name, out var entry))
            _resources[name] = entry = new ResourceEntry(name);

        return entry;
    }

    private void Add(ResourceEntry entry, PluginClient client)
    {
        // Those that are replaced are forgotten, not closed: their streams go on.
        if (_version.EndOfStream is not EndOfStream.DisconnectsTheSocket)
            entry.Clients.Clear();

        entry.Clients.Add(client);
    }

    private void Remove(ResourceEntry entry, PluginClient client)
    {
        if (_version.EndOfStream is EndOfStream.DisconnectsTheSocket)
            entry.Clients.RemoveAll(other => other.Endpoint == client.Endpoint);
        else
            entry.Clients.Clear();
    }

    private void Watch(ResourceEntry entry, PluginClient client)
    {
        if (_faults.NeverOpensStreams)
        {
            Publish($"No stream of '{entry.Name}' at '{client.Endpoint}' is opened.");
            return;
        }

        client.LiveStreams = _faults.StreamsPerRegistration;
        entry.LiveStreams += client.LiveStreams;
        Publish();
        for (var index = 0; index < _faults.StreamsPerRegistration; index++)
            Own(ReadStreamAsync(entry, client));
    }

    private async Task ReadStreamAsync(ResourceEntry entry, PluginClient client)
    {
        // The caller holds the lock.
        await Task.Yield();
        using var lifetime = _faults.StreamLifetime is { } span ? new CancellationTokenSource(span, _timeProvider) : new();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, lifetime.Token);
        var reason = "the plugin ended it.";
        try
        {
            await foreach (var list in client.ListAndWatchAsync(ended.Token))
                Receive(entry, client, list);
        }
        catch (GrpcException exception)
        {
            reason = $"{exception.StatusCode}: {exception.Message}";
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            reason = "the kubelet dropped it.";
        }

        lock (_lock)
        {
            entry.LiveStreams--;
            client.LiveStreams--;
            if (!_isOver && client.LiveStreams == 0)
                EndStream(entry, client);

            Publish($"A stream of '{entry.Name}' at '{client.Endpoint}' ended: {reason}");
        }
    }

    private void Receive(ResourceEntry entry, PluginClient client, ListAndWatchResponse message)
    {
        lock (_lock)
        {
            if (_isOver)
                return;

            var list = new DeviceList(_board.State.Starts, entry.Name, client.Endpoint, message.ToRecords());
            entry.Receive(list.Devices);
            _checkpoint.Add(entry.Name);
            WriteCheckpoint(state => state with { Lists = [.. state.Lists, list], Resources = Records() });
        }
    }

    private void EndStream(ResourceEntry entry, PluginClient client)
    {
        var disconnected = _version.EndOfStream switch
        {
            EndOfStream.StopsItsOwnRegistration => entry.Clients.Find(other => other == client),
            EndOfStream.DisconnectsTheResource => entry.Clients.FirstOrDefault(),
            _ => entry.Clients.Find(other => other.Endpoint == client.Endpoint),
        };
        if (disconnected is not null)
            Disconnect(entry, disconnected);
    }

    private void Disconnect(ResourceEntry entry, PluginClient client)
    {
        Remove(entry, client);
        // In a task, as the stream that this ends comes here too.
        Own(Task.Run(client.Dispose));
        if (entry.Clients is [.., var newest])
            entry.Use(newest);
        else
            Stop(entry);
    }

    private void Stop(ResourceEntry entry)
    {
        entry.Stop();
        Own(ForgetAsync(entry, entry.Stops));
    }

    private async Task ForgetAsync(ResourceEntry entry, int stop)
    {
        await Task.Delay(StopGrace, _timeProvider, _ending.Token);
        lock (_lock)
        {
            if (_isOver || !entry.IsStopped || entry.Stops != stop)
                return;

            entry.Forget();
            _checkpoint.Remove(entry.Name);
            WriteCheckpoint(state => state with { Resources = Records() });
        }
    }

    private void WriteCheckpoint(Func<KubeletState, KubeletState> change)
    {
        try
        {
            _folder.WriteCheckpoint(string.Join('\n', _checkpoint));
        }
        catch (IOException exception)
        {
            _board.Log(exception.Message);
        }

        _board.Change(state => change(state) with { CheckpointWrites = state.CheckpointWrites + 1 });
    }

    private void Publish(string? line = null)
    {
        if (_isOver)
            return;

        var resources = Records();
        _board.Change(state => state with { Resources = resources, Log = line is null ? state.Log : [.. state.Log, line] });
    }

    private Dictionary<string, KubeletResource> Records() =>
        _resources.ToDictionary(entry => entry.Key, entry => entry.Value.ToRecord(), StringComparer.Ordinal);

    private Task Own(Task task)
    {
        lock (_lock)
            _tasks.Add(task);

        return task;
    }
}
