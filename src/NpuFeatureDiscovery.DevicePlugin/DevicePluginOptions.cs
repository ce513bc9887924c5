namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// What is offered to the kubelet and where it is registered. <see cref="DefaultPe"/>, <see cref="AllocationPolicy"/> and
/// <see cref="DisabledDevices"/> may change while the plugin runs (by <c>IOptionsMonitor</c>); the others are read at its start.
/// </summary>
public sealed class DevicePluginOptions : KubeletOptions
{
    /// <summary>The defaults.</summary>
    public DevicePluginOptions() => SocketName = "furiosa-npu";

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

    /// <summary>
    /// The extended resource that Pods ask for. With <c>{family}</c> or <c>{product}</c> in it, each family or product of card is a
    /// resource of its own.
    /// </summary>
    /// <value>Default: <c>beta.furiosa.ai/npu</c>.</value>
    public string ResourceName { get; set; } = "beta.furiosa.ai/npu";

    /// <summary>Whether containers ask their runtime for NPUs by name, too.</summary>
    /// <value>Default: <see cref="CdiMode.Off"/>.</value>
    public CdiMode Cdi { get; set; }

    /// <summary>
    /// The folder where the container runtime looks for CDI files. Unless <see cref="Cdi"/> is off, the plugin keeps its own there,
    /// <c>npu-feature-discovery.json</c>, and removes it when it ends.
    /// </summary>
    /// <value>
    /// An absolute path. While it does not exist or cannot be written to, the plugin is not ready, and containers get device nodes alone.
    /// Default: <c>/var/run/cdi</c>.
    /// </value>
    public string CdiDirectory { get; set; } = "/var/run/cdi";

    /// <summary>What keeps a text from being a <see cref="CdiDirectory"/>; <see langword="null"/> where it is one.</summary>
    public static string? CdiDirectoryError(string path) =>
        Path.IsPathFullyQualified(path) ? null : "it has to be an absolute path, such as '/var/run/cdi'.";

    /// <summary>What keeps a text from being a <see cref="ResourceName"/>; <see langword="null"/> where it is one.</summary>
    public static string? ResourceNameError(string text) => ResourceNameTemplate.Error(text);
}
