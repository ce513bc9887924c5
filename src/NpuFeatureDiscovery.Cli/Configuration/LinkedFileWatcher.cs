namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Learns from inotify when a file, or a link that leads to it, is written, replaced or gone.</summary>
internal sealed class LinkedFileWatcher(string path, Action onChange) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FolderWatcher> _watchers = new(StringComparer.Ordinal);
    private volatile HashSet<string> _names = [];

    /// <summary>Watches the folders that the path leads through now, and no longer those that it led through before.</summary>
    /// <returns>Why a folder cannot be watched; null where all are.</returns>
    public string? Watch()
    {
        var places = LinkedPath.Resolve(path);
        lock (_lock)
        {
            _names = places.Select(place => place.Name).ToHashSet(StringComparer.Ordinal);
            var folders = places.Select(place => place.Folder).Distinct().ToArray();
            foreach (var left in _watchers.Keys.Except(folders).ToArray())
                Unwatch(left);

            string? failure = null;
            foreach (var folder in folders)
                failure ??= Watch(folder);

            return failure;
        }
    }

    /// <summary>Stops watching, until the next <see cref="Watch()"/>.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            foreach (var folder in _watchers.Keys.ToArray())
                Unwatch(folder);
        }
    }

    public void Dispose() => Reset();

    private string? Watch(string folder)
    {
        if (!Directory.Exists(folder))
        {
            // A folder that comes again is another one, which has to be watched anew.
            Unwatch(folder);
            return null;
        }

        if (_watchers.ContainsKey(folder))
            return null;

        try
        {
            _watchers.Add(folder, new FolderWatcher(folder, tellsOfContent: true, OnChange, () => OnLost(folder)));
            return null;
        }
        catch (IOException exception)
        {
            return $"'{folder}' cannot be watched: {exception.Message}";
        }
    }

    private void OnChange(string name)
    {
        if (_names.Contains(name))
            onChange();
    }

    /// <summary>The queue overflowed, or the folder went: it has to be watched anew.</summary>
    private void OnLost(string folder)
    {
        lock (_lock)
            Unwatch(folder);

        onChange();
    }

    private void Unwatch(string folder)
    {
        if (_watchers.Remove(folder, out var watcher))
            watcher.Dispose();
    }
}
