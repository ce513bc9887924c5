namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>The kubelet's folder for device plugins, watched by inotify.</summary>
internal sealed class PluginFolder(string path) : IDisposable
{
    private const string KubeletSocketName = "kubelet.sock";

    private readonly Lock _lock = new();
    private FolderWatcher? _watcher;
    private FileIdentity? _watched;

    /// <summary>Something came or went; raised on a thread of the pool.</summary>
    public event Action? Changed;

    public string Path => path;

    /// <summary>Where plugins register.</summary>
    public string KubeletSocket { get; } = System.IO.Path.Combine(path, KubeletSocketName);

    /// <summary>Whether what changes is told by inotify.</summary>
    public bool IsWatched
    {
        get
        {
            lock (_lock)
                return _watcher is not null;
        }
    }

    public string PathOf(string socketName) => System.IO.Path.Combine(path, socketName);

    /// <summary>Watches the folder, if it is there, and anew if it is another one than before.</summary>
    /// <returns>Why it cannot be watched; null where it is, or is not there.</returns>
    public string? Watch()
    {
        lock (_lock)
        {
            var folder = FileIdentity.Of(path);
            if (folder == _watched)
                return null;

            Unwatch();
            if (folder is null)
                return null;

            try
            {
                _watcher = new FolderWatcher(path, tellsOfContent: false, _ => Changed?.Invoke(), OnLost);
                _watched = folder;
                return null;
            }
            catch (IOException exception)
            {
                Unwatch();
                return $"'{path}' cannot be watched: {exception.Message}";
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
            Unwatch();
    }

    /// <summary>The queue overflowed, or the folder went.</summary>
    private void OnLost()
    {
        lock (_lock)
            Unwatch();

        Watch();
        Changed?.Invoke();
    }

    private void Unwatch()
    {
        _watcher?.Dispose();
        _watcher = null;
        _watched = null;
    }
}
