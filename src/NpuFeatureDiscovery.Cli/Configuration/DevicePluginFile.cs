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

    public RegistrationMode Registration { get; init; } = Defaults.Registration;

    public string RegistryDir { get; init; } = Defaults.RegistryDirectory;

    public string ResourceName { get; init; } = Defaults.ResourceName;

    public CdiMode Cdi { get; init; } = Defaults.Cdi;

    public string CdiDir { get; init; } = Defaults.CdiDirectory;

    public void Apply(DevicePluginOptions options)
    {
        options.DefaultPe = DefaultPe;
        options.AllocationPolicy = AllocationPolicy;
        options.DisabledDevices = [.. DisabledDevices];
        options.PluginDirectory = PluginDir;
        options.SocketName = SocketName;
        options.Registration = Registration;
        options.RegistryDirectory = RegistryDir;
        options.ResourceName = ResourceName;
        options.Cdi = Cdi;
        options.CdiDirectory = CdiDir;
    }
}
