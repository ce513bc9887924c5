using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Metrics.Pods.V1;

namespace NpuFeatureDiscovery.Metrics.Pods;

/// <summary>
/// Asks the kubelet which containers hold which NPUs, over one connection that is made again when it is lost. Its List also makes the
/// kubelet forget Pods that have ended.
/// </summary>
public sealed class PodResourcesClient : IDisposable
{
    /// <summary>As the kubelet's own client: a node with many Pods is told in more than the 4 MiB of gRPC.</summary>
    private const int MaxMessageSize = 16 << 20;

    private const string V1 = "/v1.PodResourcesLister/List";
    private const string V1Alpha1 = "/v1alpha1.PodResourcesLister/List";

    private readonly PodResourcesOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly GrpcChannel _channel;
    private volatile string _method = V1;

    /// <param name="options">Where, for what and how long.</param>
    /// <param name="timeProvider">The clock of the deadline.</param>
    public PodResourcesClient(PodResourcesOptions options, TimeProvider timeProvider)
    {
        (_options, _timeProvider) = (options, timeProvider);
        _channel = new GrpcChannel(options.SocketPath, timeProvider) { MaxReceiveMessageSize = MaxMessageSize };
    }

    /// <summary>That the socket's folder is missing, with what to do; null where it is there.</summary>
    internal string? MissingFolder => Path.GetDirectoryName(_options.SocketPath) is { } folder && !Directory.Exists(folder)
        ? $"'{folder}' is missing, where the kubelet has its socket. Mount it into the container, read-only, or set '--pod-resources off'."
        : null;

    /// <summary>Every unit that a container holds, once, in the order of namespace, Pod, container and id.</summary>
    /// <exception cref="GrpcException">The kubelet did not answer; the message says why.</exception>
    public async Task<IReadOnlyList<Allocation>> ListAsync(CancellationToken cancellationToken)
    {
        var response = await CallAsync(cancellationToken);
        return
        [
            .. response.PodResources.SelectMany(pod => pod.Containers.SelectMany(container => container.Devices
                    .Where(devices => IsNpu(devices.ResourceName))
                    .SelectMany(devices => devices.DeviceIds.Select(id => UnitId.TryParse(id, out var unit)
                        ? new Allocation(unit, devices.ResourceName, pod.Namespace, pod.Name, container.Name)
                        : null))))
                .OfType<Allocation>().Distinct()
                .OrderBy(held => held.Namespace, StringComparer.Ordinal).ThenBy(held => held.Pod, StringComparer.Ordinal)
                .ThenBy(held => held.Container, StringComparer.Ordinal).ThenBy(held => held.Unit.DeviceId, StringComparer.Ordinal)
                .ThenBy(held => held.Unit.Cores),
        ];
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _channel.Dispose();

    private async Task<ListPodResourcesResponse> CallAsync(CancellationToken cancellationToken)
    {
        var method = _method;
        var startedAt = _timeProvider.GetTimestamp();
        try
        {
            return await ListAsync(method, _options.Timeout, cancellationToken);
        }
        catch (GrpcException exception) when (exception.StatusCode == GrpcStatusCode.Unimplemented)
        {
            // Also the other way round: the node's kubelet may have been exchanged.
            var other = method == V1 ? V1Alpha1 : V1;
            var response = await ListAsync(other, _options.Timeout - _timeProvider.GetElapsedTime(startedAt), cancellationToken);
            _method = other;
            return response;
        }
    }

    private Task<ListPodResourcesResponse> ListAsync(string method, TimeSpan timeout, CancellationToken cancellationToken) =>
        _channel.UnaryAsync(method, new ListPodResourcesRequest(), ListPodResourcesResponse.Parser, timeout, cancellationToken);

    private bool IsNpu(string resource) => _options.Resources.Any(name => name.EndsWith('*')
        ? resource.AsSpan().StartsWith(name.AsSpan(0, name.Length - 1), StringComparison.Ordinal)
        : resource == name);
}
