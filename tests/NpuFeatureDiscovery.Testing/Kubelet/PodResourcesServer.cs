using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Metrics.Pods.V1;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Pods;

/// <summary>The kubelet's pod-resources socket, with what a test puts there.</summary>
internal sealed class PodResourcesServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private GrpcServer? _server;

    public string SocketPath => _folder.At("/kubelet.sock");

    public ListPodResourcesResponse Response { get; } = new();

    public int Calls { get; private set; }

    /// <summary>Adds a container that holds devices.</summary>
    public void Add(string pod, string container, params (string Resource, string[] Ids)[] devices)
    {
        var holder = Response.PodResources.FirstOrDefault(other => other.Name == pod);
        if (holder is null)
            Response.PodResources.Add(holder = new PodResources { Name = pod, Namespace = "default" });

        holder.Containers.Add(new ContainerResources
        {
            Name = container,
            Devices = { devices.Select(device => new ContainerDevices { ResourceName = device.Resource, DeviceIds = { device.Ids } }) },
        });
    }

    public async Task StartAsync(CancellationToken token, string version = "v1", bool isHanging = false)
    {
        _server = new GrpcServer(new GrpcServerOptions { SocketPath = SocketPath }, TimeProvider.System, NullLoggerFactory.Instance);
        _server.AddUnary(
            $"/{version}.PodResourcesLister/List", ListPodResourcesRequest.Parser, async (_, call) =>
            {
                Calls++;
                if (isHanging)
                    await Task.Delay(Timeout.Infinite, call.CancellationToken);

                return Response;
            });
        await _server.StartAsync(token);
    }

    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }
}
