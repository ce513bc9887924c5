namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>How a resource stands at the kubelet.</summary>
/// <param name="Resource">The extended resource that Pods ask for.</param>
/// <param name="Mode">How it is registered, or is to be: never <see cref="RegistrationMode.Auto"/>.</param>
/// <param name="SocketPath">Where the kubelet finds it.</param>
/// <param name="Fault">
/// Why the kubelet does not know of it as it is, in a clause without a full stop; <see langword="null"/> where it does.
/// </param>
/// <param name="Devices">What the kubelet is told of; none before it is known.</param>
public sealed record ResourceStatus(
    string Resource, RegistrationMode Mode, string SocketPath, string? Fault, IReadOnlyList<PluginDevice> Devices);
