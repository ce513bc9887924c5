using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>By a call of <c>Register</c> at the kubelet's own socket, beside the plugin's.</summary>
internal sealed class ClassicRegistration(string resource, string socketName, PluginFolder folder, TimeProvider timeProvider)
    : IRegistration
{
    /// <summary>Kubelets from 1.26 on dial the plugin for up to 10 seconds before they answer.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public RegistrationMode Mode => RegistrationMode.Classic;

    public PluginFolder Folder => folder;

    public bool IsPerSocket => false;

    public FileIdentity? Target => FileIdentity.Of(folder.KubeletSocket);

    public string NoTarget => "the kubelet does not run: its socket is missing";

    public void AddTo(GrpcServer server)
    {
        // It is the plugin that calls.
    }

    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        using var channel = new GrpcChannel(folder.KubeletSocket, timeProvider);
        var request = new RegisterRequest
        {
            Version = "v1beta1",
            Endpoint = socketName,
            ResourceName = resource,
            Options = DevicePluginServer.Options,
        };
        try
        {
            await channel.UnaryAsync("/v1beta1.Registration/Register", request, Empty.Parser, Deadline, cancellationToken);
        }
        catch (GrpcException exception)
        {
            throw new RegistrationException($"the registration at '{folder.KubeletSocket}' failed: {exception.Message}", exception);
        }
    }
}
