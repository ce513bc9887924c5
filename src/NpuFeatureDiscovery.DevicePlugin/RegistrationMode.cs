namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>How the plugin makes itself known to the kubelet.</summary>
public enum RegistrationMode
{
    /// <summary>It calls the kubelet at <c>kubelet.sock</c>, which every kubelet understands.</summary>
    Classic,

    /// <summary>
    /// It puts its socket into the folder <c>plugins_registry</c>, where the kubelet finds it, and finds it again after a restart. The
    /// kubelet tells whether it took the plugin in.
    /// </summary>
    Watcher,

    /// <summary><see cref="Watcher"/>, and <see cref="Classic"/> where the kubelet runs and does not find the plugin.</summary>
    Auto,
}
