namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// Whether containers ask their runtime for NPUs by the names of the Container Device Interface (CDI,
/// https://github.com/cncf-tags/container-device-interface) as well. They get the device nodes in any case: a runtime without CDI
/// needs them, and one with it puts its own in their place.
/// </summary>
public enum CdiMode
{
    /// <summary>They do not, and no CDI file is written.</summary>
    Off,

    /// <summary>
    /// By annotations, which every kubelet hands on. The runtime has to know them: CRI-O from 1.23 on, containerd from 1.7 on with
    /// <c>enable_cdi</c>; others ignore them.
    /// </summary>
    Annotations,

    /// <summary>
    /// By the field <c>cdi_devices</c> of the kubelet from 1.28 on; an older one ignores it. Where the runtime's CDI is off, containerd
    /// refuses the container.
    /// </summary>
    Field,
}
