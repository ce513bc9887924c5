using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>One way of making a resource known to the kubelet.</summary>
internal interface IRegistration
{
    RegistrationMode Mode { get; }

    /// <summary>Where the plugin's socket belongs.</summary>
    PluginFolder Folder { get; }

    /// <summary>Whether the kubelet asks by itself, when a socket is made: once for each.</summary>
    bool IsPerSocket { get; }

    /// <summary>Who is registered at: where that is another than before, it is to be done anew. Null where nobody is there.</summary>
    FileIdentity? Target { get; }

    /// <summary>What is wrong where there is no <see cref="Target"/>.</summary>
    string NoTarget { get; }

    /// <summary>Adds to the server of the socket what the kubelet asks by this way.</summary>
    void AddTo(GrpcServer server);

    /// <summary>Ends when the kubelet has accepted the plugin that is served at the socket.</summary>
    /// <exception cref="RegistrationException">It has not; the message says why.</exception>
    Task RegisterAsync(CancellationToken cancellationToken);
}
