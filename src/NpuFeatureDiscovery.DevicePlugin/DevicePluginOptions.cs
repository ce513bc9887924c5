using System.Text;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// What is offered to the kubelet and where it is registered. <see cref="DefaultPe"/>, <see cref="AllocationPolicy"/> and
/// <see cref="DisabledDevices"/> may change while the plugin runs (by <c>IOptionsMonitor</c>); the others are read at its start.
/// </summary>
public sealed class DevicePluginOptions
{
    /// <summary>What fits into <c>sockaddr_un</c>, less the NUL at its end: https://man7.org/linux/man-pages/man7/unix.7.html.</summary>
    private const int MaxSocketPathBytes = 107;

    /// <summary>What one unit of the resource is.</summary>
    /// <value><see cref="DefaultPe.Fusion"/> (default): a card. <see cref="DefaultPe.Single"/>: one core.</value>
    public DefaultPe DefaultPe { get; set; }

    /// <summary>Which units the kubelet is advised to give to one container.</summary>
    /// <value>
    /// <see cref="AllocationPolicy.Packed"/> (default): units near to each other. <see cref="AllocationPolicy.Spread"/>: units far apart.
    /// </value>
    public AllocationPolicy AllocationPolicy { get; set; }

    /// <summary>Cards of this node that are not to be allocated, by name, such as <c>npu1</c>.</summary>
    /// <value>Default: none.</value>
    public IList<string> DisabledDevices { get; set; } = [];

    /// <summary>The kubelet's folder for device plugins, which holds its <c>kubelet.sock</c>.</summary>
    /// <value>
    /// The plugin is not ready while it does not exist. Default: <c>/var/lib/kubelet/device-plugins</c>, which is the same for every
    /// kubelet.
    /// </value>
    public string PluginDirectory { get; set; } = "/var/lib/kubelet/device-plugins";

    /// <summary>The file name of the plugin's socket in <see cref="PluginDirectory"/>.</summary>
    /// <value>Default: <c>furiosa-npu</c>.</value>
    public string SocketName { get; set; } = "furiosa-npu";

    /// <summary>
    /// The extended resource that Pods ask for. With <c>{family}</c> or <c>{product}</c> in it, each family or product of card is a
    /// resource of its own.
    /// </summary>
    /// <value>Default: <c>beta.furiosa.ai/npu</c>.</value>
    public string ResourceName { get; set; } = "beta.furiosa.ai/npu";

    /// <summary>What keeps a text from being a <see cref="ResourceName"/>; <see langword="null"/> where it is one.</summary>
    public static string? ResourceNameError(string text) => ResourceNameTemplate.Error(text);

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
}
