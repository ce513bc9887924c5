namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>
/// The sockets of others in the folder. One of them may have taken the resource, of which the kubelet does not tell the first plugin: it
/// goes on reading its stream, also when the other ends and nobody is left who is asked to allocate.
/// </summary>
internal sealed class OtherPlugins(PluginFolder folder, string ownSocket)
{
    /// <summary>By what they are, not by their names: a socket that is moved has not left.</summary>
    private HashSet<FileIdentity> _sockets = [];

    /// <summary>Whether one has left since the last look.</summary>
    public bool HaveLeft()
    {
        try
        {
            var files = Directory.GetFiles(folder.Path);
            var before = _sockets;
            _sockets = Identify(files.Where(IsOthers));
            return !before.IsSubsetOf(Identify(files));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static HashSet<FileIdentity> Identify(IEnumerable<string> paths) => [.. paths.Select(FileIdentity.Of).OfType<FileIdentity>()];

    private bool IsOthers(string path) => Path.GetFileName(path) is var name
        && name != ownSocket && !name.StartsWith('.') && name is not ("kubelet.sock" or KubeletCheckpoint.FileName or "DEPRECATION");
}
