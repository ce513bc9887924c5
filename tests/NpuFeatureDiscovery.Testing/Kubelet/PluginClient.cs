using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>The kubelet's connection to one plugin.</summary>
internal sealed class PluginClient(string endpoint, string socketPath, TimeProvider timeProvider) : IDisposable
{
    private const string Service = "/v1beta1.DevicePlugin/";
    private readonly GrpcChannel _channel = new(socketPath, timeProvider);

    /// <summary>The file name of the plugin's socket.</summary>
    public string Endpoint => endpoint;

    public PluginOptions Options { get; set; } = new(PreStartRequired: false, GetPreferredAllocationAvailable: false);

    /// <summary>Guarded by the device manager's lock.</summary>
    public int LiveStreams { get; set; }

    public Task DialAsync(Action<string> log, CancellationToken cancellationToken) =>
        PluginDial.RunAsync(socketPath, timeProvider, log, cancellationToken);

    public async Task<PluginOptions> GetOptionsAsync(CancellationToken cancellationToken)
    {
        var options = await _channel.UnaryAsync(
            Service + "GetDevicePluginOptions", new Empty(), DevicePluginOptions.Parser, timeout: null, cancellationToken);
        return options.ToRecord();
    }

    public IAsyncEnumerable<ListAndWatchResponse> ListAndWatchAsync(CancellationToken cancellationToken) =>
        _channel.ServerStreamingAsync(
            Service + "ListAndWatch", new Empty(), ListAndWatchResponse.Parser, timeout: null, cancellationToken);

    public async Task<IReadOnlyList<ContainerResponse>> AllocateAsync(
        IEnumerable<IReadOnlyList<string>> containers, CancellationToken cancellationToken)
    {
        var request = new AllocateRequest();
        request.ContainerRequests.AddRange(containers.Select(ids => new ContainerAllocateRequest { DeviceIds = { ids } }));
        var response = await _channel.UnaryAsync(
            Service + "Allocate", request, AllocateResponse.Parser, timeout: null, cancellationToken);
        return [.. response.ContainerResponses.Select(container => container.ToRecord())];
    }

    public async Task<IReadOnlyList<string>> GetPreferredAllocationAsync(
        IReadOnlyList<string> available, IReadOnlyList<string> mustInclude, int count, CancellationToken cancellationToken)
    {
        var container = new ContainerPreferredAllocationRequest
        {
            AvailableDeviceIds = { available },
            MustIncludeDeviceIds = { mustInclude },
            AllocationSize = count,
        };
        var response = await _channel.UnaryAsync(
            Service + "GetPreferredAllocation", new PreferredAllocationRequest { ContainerRequests = { container } },
            PreferredAllocationResponse.Parser, timeout: null, cancellationToken);
        return response.ContainerResponses is [var first, ..] ? first.DeviceIds : [];
    }

    /// <summary>The response's bytes come back as they are: to a message without fields, all fields are unknown and
    /// kept.</summary>
    public async Task<byte[]> CallAsync(string method, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var response = await _channel.UnaryAsync(
            Service + method, new RawMessage(request), Empty.Parser, timeout: null, cancellationToken);
        return Google.Protobuf.MessageExtensions.ToByteArray(response);
    }

    public void Dispose() => _channel.Dispose();
}
