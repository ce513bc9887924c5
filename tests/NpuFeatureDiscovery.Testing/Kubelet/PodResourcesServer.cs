using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Metrics.Pods.V1;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>The kubelet's pod-resources socket, with what a test puts there.</summary>
public sealed class PodResourcesServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ListPodResourcesResponse _response = new();
    private GrpcServer? _server;

    public string SocketPath => _folder.At("/kubelet.sock");

    /// <summary>How many bytes an answer has.</summary>
    public int AnswerSize => Response().CalculateSize();

    /// <summary>Bytes in the place of the first Pod of the response.</summary>
    public byte[]? RawPod { get; set; }

    /// <summary>What comes to pass before the kubelet says that it does not speak version 1.</summary>
    public Action? RefusedAfter { get; set; }

    public int Calls { get; private set; }

    /// <summary>Adds a container that holds devices.</summary>
    public void Add(string pod, string container, params (string Resource, string[] Ids)[] devices)
    {
        lock (_response)
        {
            var holder = _response.PodResources.FirstOrDefault(other => other.Name == pod);
            if (holder is null)
                _response.PodResources.Add(holder = new PodResources { Name = pod, Namespace = "default" });

            holder.Containers.Add(new ContainerResources
            {
                Name = container,
                Devices = { devices.Select(device => new ContainerDevices { ResourceName = device.Resource, DeviceIds = { device.Ids } }) },
            });
        }
    }

    public async Task StartAsync(CancellationToken token, string version = "v1", bool isHanging = false)
    {
        _server = new GrpcServer(new GrpcServerOptions { SocketPath = SocketPath }, TimeProvider.System, NullLoggerFactory.Instance);
        if (RawPod is { } bytes)
            // Its only field has the number and the wire type of the Pods.
            Answer(version, isHanging, () => new BytesValue { Value = ByteString.CopyFrom(bytes) });
        else
            Answer(version, isHanging, Response);

        if (RefusedAfter is { } refusedAfter)
            _server.AddUnary<ListPodResourcesRequest, ListPodResourcesResponse>(
                "/v1.PodResourcesLister/List", ListPodResourcesRequest.Parser, (_, _) =>
                {
                    refusedAfter();
                    throw new GrpcException(GrpcStatusCode.Unimplemented, "unknown service");
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

    /// <summary>As it is now: a test may add to it while a call is answered.</summary>
    private ListPodResourcesResponse Response()
    {
        lock (_response)
            return _response.Clone();
    }

    private void Answer<T>(string version, bool isHanging, Func<T> response) where T : class, IMessage<T> => _server!.AddUnary(
        $"/{version}.PodResourcesLister/List", ListPodResourcesRequest.Parser, async (_, call) =>
        {
            Calls++;
            if (isHanging)
                await Task.Delay(Timeout.Infinite, call.CancellationToken);

            return response();
        });
}
