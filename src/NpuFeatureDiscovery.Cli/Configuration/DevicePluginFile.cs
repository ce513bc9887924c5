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

    /// <summary>What is wrong with values that are well-formed, by key.</summary>
    /// <param name="podUid">The Pod that it is for; null where that is not known.</param>
    public IEnumerable<(string Key, string Reason)> Errors(string? podUid)
    {
        if (DevicePluginOptions.ResourceNameError(ResourceName) is { } resourceName)
            yield return (DevicePluginFileKey.ResourceName, resourceName);
        var options = new DevicePluginOptions { PodUid = podUid };
        Apply(options);
        if (options.SocketError() is { } socketName)
            yield return (DevicePluginFileKey.SocketName, socketName);
        if (DevicePluginOptions.CdiDirectoryError(CdiDir) is { } cdiDir)
            yield return (DevicePluginFileKey.CdiDir, cdiDir);
    }

    /// <summary>The same with what another says of what applies at once; what needs a restart stays as it is.</summary>
    public DevicePluginFile WithLive(DevicePluginFile other) => this with
    {
        DefaultPe = other.DefaultPe,
        AllocationPolicy = other.AllocationPolicy,
        Interval = other.Interval,
        DisabledDevices = other.DisabledDevices,
    };

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
