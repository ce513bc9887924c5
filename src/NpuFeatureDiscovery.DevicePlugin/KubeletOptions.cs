using System.Text;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>How a device plugin meets the kubelet. Read at its start.</summary>
public class KubeletOptions
{
    /// <summary>What fits into <c>sockaddr_un</c>, less the NUL at its end: https://man7.org/linux/man-pages/man7/unix.7.html.</summary>
    private const int MaxSocketPathBytes = 107;

    /// <summary>The kubelet's folder for device plugins, which holds its <c>kubelet.sock</c>.</summary>
    /// <value>
    /// The plugin is not ready while it does not exist. Default: <c>/var/lib/kubelet/device-plugins</c>, which is the same for every
    /// kubelet.
    /// </value>
    public string PluginDirectory { get; set; } = "/var/lib/kubelet/device-plugins";

    /// <summary>The file name of the plugin's socket in <see cref="PluginDirectory"/>.</summary>
    /// <value>Default: the resource's name with <c>-</c> for its <c>/</c>; of the NPUs' plugin <c>furiosa-npu</c>.</value>
    public string SocketName { get; set; } = "";

    /// <summary>How long the answer for a container may take; then the Pod fails, since the kubelet does nothing else meanwhile.</summary>
    /// <value>Longer than zero, at most an hour. Default: 5 seconds.</value>
    public TimeSpan AllocationDeadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What keeps a folder from being a <see cref="PluginDirectory"/>: sockets are made in it. <see langword="null"/> where it is one.
    /// </summary>
    public static string? PluginDirectoryError(string path)
    {
        if (!Directory.Exists(path))
            return "there is no such folder. The kubelet makes it when it starts; mount it into the container.";

        var probe = Path.Combine(path, $".npu-{Guid.NewGuid():N}");
        try
        {
            File.Create(probe, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"no socket can be made in it: {exception.Message}";
        }
    }

    /// <summary>What keeps a text from being a <see cref="SocketName"/> in a folder; <see langword="null"/> where it is one.</summary>
    public static string? SocketError(string pluginDirectory, string name)
    {
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
            return "it has to be a file name, without '/'.";
        if (name is "kubelet.sock" or "kubelet_internal_checkpoint" or "DEPRECATION")
            return "the kubelet has a file of that name there.";

        var length = Encoding.UTF8.GetByteCount(Path.Combine(pluginDirectory, name));
        return length > MaxSocketPathBytes
            ? $"the path of the socket is {length} bytes long with the folder '{pluginDirectory}', and may have {MaxSocketPathBytes}."
            : null;
    }

    /// <summary>What keeps the options from being used, each a sentence.</summary>
    internal IEnumerable<string> Errors()
    {
        if (SocketError(PluginDirectory, SocketName) is { } error)
            yield return $"{nameof(SocketName)} is '{SocketName}': {error}";
        if (AllocationDeadline <= TimeSpan.Zero || AllocationDeadline > TimeSpan.FromHours(1))
            yield return $"{nameof(AllocationDeadline)} is {AllocationDeadline}: it has to be longer than zero, and at most an hour.";
    }
}
