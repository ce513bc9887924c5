namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>
/// A kubelet as a device plugin knows it, with a real socket in a real folder: it takes registrations, watches lists,
/// allocates, is restarted, dies and hangs, each as kubelets of a given version do.
/// </summary>
/// <remarks>
/// Nothing here waits for a plugin but <see cref="WaitForAsync"/>, so that a test reads: start, let the plugin act, wait for
/// a state.
/// </remarks>
public sealed partial class FakeKubelet : IAsyncDisposable
{
    private readonly PluginFolder _folder;
    private readonly string? _registryFolder;
    private readonly TimeProvider _timeProvider;
    private readonly StateBoard _board = new();
    private readonly HashSet<string> _checkpoint = new(StringComparer.Ordinal);
    private KubeletRun? _run;
    private bool _isListening;
    private int _pods;

    /// <param name="folder">
    /// Its folder for device plugins, made at the start where it does not exist. Sockets in it may have paths of 107 bytes
    /// at most.
    /// </param>
    /// <param name="version">How it behaves.</param>
    /// <param name="timeProvider">
    /// The clock of its dials (given up after 10 s), of stopped resources (forgotten after 5 minutes) and of
    /// <see cref="KubeletFaults.StreamLifetime"/>.
    /// </param>
    /// <param name="registryFolder">
    /// Its folder plugins_registry, made at the start where it does not exist; <see langword="null"/>: it watches none.
    /// </param>
    public FakeKubelet(string folder, KubeletVersion version, TimeProvider timeProvider, string? registryFolder = null)
    {
        _folder = new PluginFolder(folder);
        _registryFolder = registryFolder;
        _timeProvider = timeProvider;
        Version = version;
    }

    /// <summary>How it behaves from its next start on: a node's kubelet may be exchanged for a newer one.</summary>
    public KubeletVersion Version { get; set; }

    /// <summary>What goes wrong; also over restarts.</summary>
    public KubeletFaults Faults { get; } = new();

    /// <summary>The path of kubelet.sock.</summary>
    public string SocketPath => _folder.Socket;

    /// <summary>What it knows and has seen until now.</summary>
    public KubeletState State => _board.State;

    /// <summary>Waits until the state is as wanted, if it is not yet.</summary>
    /// <returns>The first such state.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before; the message tells the last
    /// state.</exception>
    public Task<KubeletState> WaitForAsync(Func<KubeletState, bool> predicate, CancellationToken cancellationToken) =>
        _board.WaitForAsync(predicate, cancellationToken);

    /// <summary>
    /// Does the first half of a start: sweeps the folder and binds kubelet.sock. Its file is there, and who connects is
    /// refused, until <see cref="StartAsync"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">It runs already.</exception>
    public void Bind()
    {
        if (_run is not null)
            throw new InvalidOperationException("The kubelet runs already; stop or kill it first.");

        _run = new KubeletRun(_folder, _registryFolder, Version, Faults, _checkpoint, _board, _timeProvider);
    }

    /// <summary>Starts it, or goes on after <see cref="Bind"/>: when this is done, kubelet.sock is served.</summary>
    /// <exception cref="InvalidOperationException">It runs already.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_run is null || _isListening)
            Bind();

        _isListening = true;
        await _run!.ListenAsync(cancellationToken);
    }

    /// <summary>Stops it: kubelet.sock is removed and all connections end. Pods and known resources stay in the
    /// checkpoint.</summary>
    public async Task StopAsync()
    {
        File.Delete(_folder.Socket);
        await KillAsync();
    }

    /// <summary>Ends it as SIGKILL does: connections drop at once, and kubelet.sock stays behind with nobody
    /// listening.</summary>
    public async Task KillAsync()
    {
        if (_run is not { } run)
            return;

        (_run, _isListening) = (null, false);
        await run.DisposeAsync();
    }

    /// <summary>Stops it and starts it anew.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        await StartAsync(cancellationToken);
    }

    /// <summary>Drops the connections to a resource's registered plugins; it never opens a stream again by itself.</summary>
    public void DropStreams(string resourceName) => Run.Manager.Drop(resourceName);

    /// <summary>Sets the time of kubelet.sock, which watchers of the folder are told though nothing has happened.</summary>
    public void TouchSocket() => File.SetLastWriteTimeUtc(_folder.Socket, _timeProvider.GetUtcNow().UtcDateTime);

    /// <summary>
    /// Renames kubelet.sock and renames it back, which watchers of the folder take for a new one though it is the same
    /// inode.
    /// </summary>
    public void RenameSocketThereAndBack()
    {
        File.Move(_folder.Socket, _folder.Socket + ".moved");
        File.Move(_folder.Socket + ".moved", _folder.Socket);
    }

    /// <summary>Deletes everything in the folder: kubelet.sock, the plugins' sockets and the checkpoint.</summary>
    public void WipeFolder() => _folder.Wipe();

    /// <summary>Deletes every socket in the folder but kubelet.sock.</summary>
    public void RemovePluginSockets()
    {
        foreach (var socket in _folder.PluginSockets())
            File.Delete(socket);
    }

    /// <summary>Stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_run is not null)
            await StopAsync();
    }

    private KubeletRun Run => _run ?? throw new InvalidOperationException("The kubelet does not run; start it first.");
}
