using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>Sockets of plugins that were killed: the kubelet would go on dialling them.</summary>
internal static class LeftSockets
{
    /// <summary>Removes those at which nobody answers.</summary>
    /// <param name="folder">The folder, which may be missing.</param>
    /// <param name="isOurs">Whether a file name is of a socket of ours.</param>
    /// <returns>Their paths.</returns>
    public static IReadOnlyList<string> Remove(string folder, Func<string, bool> isOurs)
    {
        var removed = new List<string>();
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder).Where(path => isOurs(Path.GetFileName(path))))
            {
                if (!UnixSocket.Exists(path) || UnixSocket.IsServed(path))
                    continue;

                File.Delete(path);
                removed.Add(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whether sockets can be made in the folder is told where ours is made.
        }

        return removed;
    }
}
