namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>Where plugins meet the kubelet, and how: as the options say at the start.</summary>
internal sealed class KubeletFolders(KubeletOptions options, TimeProvider timeProvider) : IDisposable
{
    private readonly SocketNameTemplate _socketName = new(options.SocketName, options.PodUid);
    private readonly RegistrationMode _mode = options.Registration;

    /// <summary>The folder for device plugins.</summary>
    public PluginFolder Plugins { get; } = new(options.PluginDirectory);

    private PluginFolder Registry { get; } = new(options.RegistryDirectory);

    private PluginFolder[] InUse => _mode switch
    {
        RegistrationMode.Watcher => [Registry],
        RegistrationMode.Auto => [Registry, Plugins],
        _ => [Plugins],
    };

    /// <summary>What a socket is called.</summary>
    /// <param name="suffix">What it has behind the configured name.</param>
    public string SocketName(string suffix) => _socketName.Name + suffix;

    /// <summary>What keeps it from being made; null where it can be made.</summary>
    public string? SocketError(string suffix) => InUse
        .Select(folder => KubeletOptions.SocketError(folder.Path, SocketName(suffix))).FirstOrDefault(error => error is not null);

    /// <summary>How a resource is registered; where there are two, by the second once the first does not work.</summary>
    public IReadOnlyList<IRegistration> Registrations(string resource, string suffix) =>
    [
        .. InUse.Select<PluginFolder, IRegistration>(folder => folder == Plugins
            ? new ClassicRegistration(resource, SocketName(suffix), folder, timeProvider)
            : new WatcherRegistration(resource, folder, timeProvider)),
    ];

    /// <summary>Removes the sockets of other Pods at which nobody answers.</summary>
    /// <returns>Their paths.</returns>
    public IEnumerable<string> RemoveLeftSockets(string suffix) =>
        InUse.SelectMany(folder => LeftSockets.Remove(folder.Path, name => _socketName.IsOfOther(name, suffix)));

    public void Dispose()
    {
        Plugins.Dispose();
        Registry.Dispose();
    }
}
