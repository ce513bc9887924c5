namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>
/// The sockets of others in the folder. One of them may have taken the resource, of which the kubelet does not tell the first plugin: it
/// goes on reading its stream, also when the other ends and nobody is left who is asked to allocate.
/// </summary>
internal sealed class OtherPlugins(PluginFolder folder, string ownSocket)
{
    private HashSet<string> _sockets = [];

    /// <summary>Whether one has left since the last look.</summary>
    public bool HaveLeft()
    {
        try
        {
            var before = _sockets;
            _sockets = [.. Directory.EnumerateFiles(folder.Path).Select(path => Path.GetFileName(path)).Where(IsOthers)];
            return !before.IsSubsetOf(_sockets);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private bool IsOthers(string name) =>
        name != ownSocket && !name.StartsWith('.') && name is not ("kubelet.sock" or KubeletCheckpoint.FileName or "DEPRECATION");
}
