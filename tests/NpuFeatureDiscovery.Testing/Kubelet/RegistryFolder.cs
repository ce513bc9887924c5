using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>The sockets below the kubelet's folder plugins_registry as it knows them, by scan at its start and by inotify later.</summary>
internal sealed class RegistryFolder : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, object> _sockets = new(StringComparer.Ordinal);
    private readonly FileSystemWatcher _watcher;

    public RegistryFolder(string path)
    {
        Directory.CreateDirectory(path);
        _watcher = new FileSystemWatcher(path) { NotifyFilter = NotifyFilters.FileName, IncludeSubdirectories = true };
        _watcher.Created += (_, change) => Add(change.FullPath);
        _watcher.Deleted += (_, change) => Remove(change.FullPath);
        _watcher.EnableRaisingEvents = true;
        foreach (var file in Directory.GetFiles(path, "*", SearchOption.AllDirectories))
            Add(file);
    }

    /// <summary>Each with a stamp that is another one when the socket was made anew.</summary>
    public IReadOnlyDictionary<string, object> Sockets
    {
        get
        {
            lock (_lock)
                return new Dictionary<string, object>(_sockets);
        }
    }

    public void Dispose() => _watcher.Dispose();

    private void Add(string path)
    {
        if (Path.GetFileName(path).StartsWith('.') || !UnixSocket.Exists(path))
            return;

        lock (_lock)
            _sockets[path] = new object();
    }

    private void Remove(string path)
    {
        lock (_lock)
            _sockets.Remove(path);
    }
}
