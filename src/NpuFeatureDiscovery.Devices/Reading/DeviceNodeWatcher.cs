namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>
/// Learns from inotify when a device node comes or goes in <c>/dev</c> or <c>/dev/rngd</c>. (sysfs raises no such events,
/// neither for attributes nor for devices.)
/// </summary>
internal sealed class DeviceNodeWatcher(HostRoot root, Action onChange) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FolderWatcher> _watchers = new(StringComparer.Ordinal);

    /// <summary>Watches what is there to be watched and is not watched yet.</summary>
    /// <returns>Why a folder cannot be watched; null where all are.</returns>
    public string? Watch()
    {
        lock (_lock)
        {
            string? failure = null;
            foreach (var folder in NpuDriver.All.Select(driver => root.Resolve(driver.NodeFolder)))
                failure ??= Watch(folder);

            return failure;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers.Values)
                watcher.Dispose();

            _watchers.Clear();
        }
    }

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
            _watchers.Add(folder, new FolderWatcher(folder, tellsOfContent: false, OnChange, () => OnLost(folder)));
            return null;
        }
        catch (IOException exception)
        {
            return $"'{folder}' cannot be watched: {exception.Message}";
        }
    }

    private void OnChange(string name)
    {
        if (name != "rngd" && !name.StartsWith("npu", StringComparison.Ordinal))
            return;

        // /dev/rngd itself came or went.
        if (name == "rngd")
            Watch();

        onChange();
    }

    /// <summary>The queue overflowed, or the folder went: look at everything, and watch it anew.</summary>
    private void OnLost(string folder)
    {
        lock (_lock)
            Unwatch(folder);

        Watch();
        onChange();
    }

    private void Unwatch(string folder)
    {
        if (_watchers.Remove(folder, out var watcher))
            watcher.Dispose();
    }
}
