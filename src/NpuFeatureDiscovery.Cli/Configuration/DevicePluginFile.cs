using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>What the device plugin's configuration file says to one node. A key that it lacks has its default.</summary>
internal sealed record DevicePluginFile
{
    private static readonly DevicePluginOptions Defaults = new();

    public DefaultPe DefaultPe { get; init; } = Defaults.DefaultPe;

    public AllocationPolicy AllocationPolicy { get; init; } = Defaults.AllocationPolicy;

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The cards of this node that are not to be allocated, by name, each once, in the order of their numbers.</summary>
    public EquatableArray<string> DisabledDevices { get; init; } = [];

    public string PluginDir { get; init; } = Defaults.PluginDirectory;

    public string SocketName { get; init; } = Defaults.SocketName;

    public string ResourceName { get; init; } = Defaults.ResourceName;
}
