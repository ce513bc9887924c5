using System.Text;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// What is offered to the kubelet and where it is registered. <see cref="DefaultPe"/> and <see cref="DisabledDevices"/> may change
/// while the plugin runs (by <c>IOptionsMonitor</c>); the others are read at its start.
/// </summary>
public sealed class DevicePluginOptions
{
    /// <summary>What fits into <c>sockaddr_un</c>, less the NUL at its end: https://man7.org/linux/man-pages/man7/unix.7.html.</summary>
    private const int MaxSocketPathBytes = 107;

    /// <summary>What one unit of the resource is.</summary>
    /// <value><see cref="DefaultPe.Fusion"/> (default): a card. <see cref="DefaultPe.Single"/>: one core.</value>
    public DefaultPe DefaultPe { get; set; }

    /// <summary>Cards of this node that are not to be allocated, by name, such as <c>npu1</c>.</summary>
    /// <value>Default: none.</value>
    public IList<string> DisabledDevices { get; set; } = [];

    /// <summary>The kubelet's folder for device plugins, which holds its <c>kubelet.sock</c>.</summary>
    /// <value>
    /// The plugin is not ready while it does not exist. Default: <c>/var/lib/kubelet/device-plugins</c>, which is the same for every
    /// kubelet.
    /// </value>
    public string PluginDirectory { get; set; } = "/var/lib/kubelet/device-plugins";

    /// <summary>
    /// The file name of the plugin's socket in <see cref="PluginDirectory"/> or <see cref="RegistryDirectory"/>.
    /// </summary>
    /// <value>
    /// Default: <c>furiosa-npu</c>. With <c>{pod}</c> in it, each Pod has a socket of its own, so that the next may begin before the last
    /// has ended. Those of other Pods at which nobody answers are removed.
    /// </value>
    public string SocketName { get; set; } = "furiosa-npu";

    /// <summary>The UID of the Pod that the plugin runs in, in the place of <c>{pod}</c> in <see cref="SocketName"/>.</summary>
    /// <value>Default: <see langword="null"/>, not known. The downward API tells it as <c>metadata.uid</c>.</value>
    public string? PodUid { get; set; }

    /// <summary>How the plugin makes itself known to the kubelet.</summary>
    /// <value>
    /// <see cref="RegistrationMode.Classic"/> (default), <see cref="RegistrationMode.Watcher"/>, or
    /// <see cref="RegistrationMode.Auto"/>: the latter, and the former once a kubelet that runs has not asked for the plugin within 10
    /// seconds, or where <see cref="RegistryDirectory"/> is missing or cannot be written.
    /// </value>
    public RegistrationMode Registration { get; set; }

    /// <summary>The kubelet's folder <c>plugins_registry</c>, where it finds sockets by itself; not used by the classic mode.</summary>
    /// <value>Default: <c>/var/lib/kubelet/plugins_registry</c>; another where the kubelet has a <c>--root-dir</c>.</value>
    public string RegistryDirectory { get; set; } = "/var/lib/kubelet/plugins_registry";

    /// <summary>
    /// The extended resource that Pods ask for. With <c>{family}</c> or <c>{product}</c> in it, each family or product of card is a
    /// resource of its own.
    /// </summary>
    /// <value>Default: <c>beta.furiosa.ai/npu</c>.</value>
    public string ResourceName { get; set; } = "beta.furiosa.ai/npu";

    /// <summary>What keeps a text from being a <see cref="ResourceName"/>; <see langword="null"/> where it is one.</summary>
    public static string? ResourceNameError(string text) => ResourceNameTemplate.Error(text);

    /// <summary>
    /// What keeps a folder from being a <see cref="PluginDirectory"/> or <see cref="RegistryDirectory"/>: sockets are made in it. <see langword="null"/> where it is one.
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
}
