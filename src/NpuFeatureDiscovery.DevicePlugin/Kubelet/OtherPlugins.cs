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

    /// <summary>What begins with a dot or with the kubelet's name is the kubelet's: its socket and its checkpoint.</summary>
    private bool IsOthers(string name) =>
        name != ownSocket && name != "DEPRECATION" && !name.StartsWith('.') && !name.StartsWith("kubelet", StringComparison.Ordinal);
}
