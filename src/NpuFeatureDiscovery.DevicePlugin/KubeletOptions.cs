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

    /// <summary>The file name of the plugin's socket in <see cref="PluginDirectory"/> or <see cref="RegistryDirectory"/>.</summary>
    /// <value>
    /// Default: the resource's name with <c>-</c> for its <c>/</c>; of the NPUs' plugin <c>furiosa-npu</c>. With <c>{pod}</c> in it, each
    /// Pod has a socket of its own, so that the next may begin before the last has ended. Those of other Pods at which nobody answers
    /// are removed.
    /// </value>
    public string SocketName { get; set; } = "";

    /// <summary>The UID of the Pod that the plugin runs in, in the place of <c>{pod}</c> in <see cref="SocketName"/>.</summary>
    /// <value>Default: <see langword="null"/>, not known. The downward API tells it as <c>metadata.uid</c>.</value>
    public string? PodUid { get; set; }

    /// <summary>How the plugin makes itself known to the kubelet.</summary>
    /// <value>
    /// <see cref="RegistrationMode.Classic"/> (default), <see cref="RegistrationMode.Watcher"/>, or <see cref="RegistrationMode.Auto"/>:
    /// the latter until a kubelet that runs has not asked for the plugin within 10 seconds, or <see cref="RegistryDirectory"/> is missing
    /// or cannot be written, and then the former for good.
    /// </value>
    public RegistrationMode Registration { get; set; }

    /// <summary>The kubelet's folder <c>plugins_registry</c>, where it finds sockets by itself; not used by the classic mode.</summary>
    /// <value>Default: <c>/var/lib/kubelet/plugins_registry</c>; another where the kubelet has a <c>--root-dir</c>.</value>
    public string RegistryDirectory { get; set; } = "/var/lib/kubelet/plugins_registry";

    /// <summary>How long the answer for a container may take; then the Pod fails, since the kubelet does nothing else meanwhile.</summary>
    /// <value>Longer than zero, at most an hour. Default: 5 seconds.</value>
    public TimeSpan AllocationDeadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What keeps a folder from being a <see cref="PluginDirectory"/> or <see cref="RegistryDirectory"/>: sockets are made in it.
    /// <see langword="null"/> where it is one.
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
    /// <param name="directory">The folder.</param>
    /// <param name="name">The text, perhaps with <c>{pod}</c> in it.</param>
    /// <param name="podUid">The UID of the Pod, where it is known.</param>
    public static string? SocketError(string directory, string name, string? podUid = null)
    {
        if (SocketNameTemplate.Error(name, podUid) is { } error)
            return error;

        name = new SocketNameTemplate(name, podUid).Name;
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
            return "it has to be a file name, without '/'.";
        if (name is "kubelet.sock" or "kubelet_internal_checkpoint" or "DEPRECATION")
            return "the kubelet has a file of that name there.";

        var length = Encoding.UTF8.GetByteCount(Path.Combine(directory, name));
        return length > MaxSocketPathBytes
            ? $"the path of the socket is {length} bytes long with the folder '{directory}', and may have {MaxSocketPathBytes}."
            : null;
    }

    /// <summary>
    /// What keeps the socket from being made where <see cref="Registration"/> puts it; <see langword="null"/> where it can be made.
    /// </summary>
    public string? SocketError()
    {
        if (Registration != RegistrationMode.Watcher && SocketError(PluginDirectory, SocketName, PodUid) is { } error)
            return error;

        return Registration == RegistrationMode.Classic ? null
            : SocketName.StartsWith('.') ? "the kubelet does not look for names that begin with '.'."
            : SocketError(RegistryDirectory, SocketName, PodUid);
    }

    /// <summary>What keeps the options from being used, each a sentence.</summary>
    internal IEnumerable<string> Errors()
    {
        if (!Enum.IsDefined(Registration))
            yield return $"{nameof(Registration)} is {Registration}: allowed are {RegistrationMode.Classic}, {RegistrationMode.Watcher} "
                + $"and {RegistrationMode.Auto}.";
        if (SocketError() is { } error)
            yield return $"{nameof(SocketName)} is '{SocketName}': {error}";
        if (AllocationDeadline <= TimeSpan.Zero || AllocationDeadline > TimeSpan.FromHours(1))
            yield return $"{nameof(AllocationDeadline)} is {AllocationDeadline}: it has to be longer than zero, and at most an hour.";
    }
}
