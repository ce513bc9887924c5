using System.Globalization;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>A key of the file, and how its value is shown to people.</summary>
/// <param name="Name">The key.</param>
/// <param name="Show">The value as text.</param>
/// <param name="NeedsRestart">Whether a change has to wait for the next start.</param>
internal sealed record DevicePluginFileKey(string Name, Func<DevicePluginFile, string> Show, bool NeedsRestart = false)
{
    public const string DefaultPe = "defaultPe";
    public const string AllocationPolicy = "allocationPolicy";
    public const string Interval = "interval";
    public const string DisabledDevices = "disabledDevices";
    public const string PluginDir = "pluginDir";
    public const string SocketName = "socketName";
    public const string Registration = "registration";
    public const string RegistryDir = "registryDir";
    public const string ResourceName = "resourceName";
    public const string Cdi = "cdi";
    public const string CdiDir = "cdiDir";

    public static IReadOnlyList<DevicePluginFileKey> All { get; } =
    [
        new(DefaultPe, file => $"'{file.DefaultPe}'"),
        new(AllocationPolicy, file => file.AllocationPolicy == DevicePlugin.AllocationPolicy.Packed ? "'packed'" : "'spread'"),
        new(Interval, file => string.Create(CultureInfo.InvariantCulture, $"'{file.Interval.TotalSeconds}'")),
        new(DisabledDevices, file => file.DisabledDevices is [] ? "none" : $"'{string.Join(", ", file.DisabledDevices)}'"),
        new(PluginDir, file => $"'{file.PluginDir}'", NeedsRestart: true),
        new(SocketName, file => $"'{file.SocketName}'", NeedsRestart: true),
        new(Registration, file => $"'{file.Registration.ToString().ToLowerInvariant()}'", NeedsRestart: true),
        new(RegistryDir, file => $"'{file.RegistryDir}'", NeedsRestart: true),
        new(ResourceName, file => $"'{file.ResourceName}'", NeedsRestart: true),
        new(Cdi, file => $"'{file.Cdi.ToString().ToLowerInvariant()}'", NeedsRestart: true),
        new(CdiDir, file => $"'{file.CdiDir}'", NeedsRestart: true),
    ];
}
