using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Resources;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>
/// The service that the kubelet calls, at one socket: translates between its messages and <see cref="DeviceFeed"/>
/// and <see cref="DeviceAllocations"/>.
/// </summary>
internal sealed partial class DevicePluginServer : IAsyncDisposable
{
    /// <summary>
    /// In bytes. The largest that a kubelet sends names every device once: 256 cards of 8 cores in 100 KiB. Two bytes can be an empty
    /// request that takes 128 in memory, so that gRPC's usual 4 MiB would be more than the heap may have.
    /// </summary>
    public const int MaxRequestSize = 512 * 1024;

    private const string Service = "/v1beta1.DevicePlugin/";

    private readonly string _resource;
    private readonly DeviceFeed _devices;
    private readonly DeviceAllocations _allocations;
    private readonly DevicePluginMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Action _streamsChanged;
    private readonly GrpcServer _server;
    private (DeviceList List, ListAndWatchResponse Message)? _sent;
    private int _streams;
    private int _registeredStreams;
    private int _registration;
    private bool _isDialled = true;
    private bool _wasOpened;
    private bool _hasEnded;

    /// <param name="resource">The resource that is served.</param>
    /// <param name="socketPath">Where.</param>
    /// <param name="devices">The resource's devices, now and later.</param>
    /// <param name="allocations">Answers for containers.</param>
    /// <param name="metrics">Told of every allocation and stream.</param>
    /// <param name="timeProvider">The clock of the calls.</param>
    /// <param name="loggers">Told of every allocation.</param>
    /// <param name="streamsChanged">Called when a ListAndWatch stream begins or ends.</param>
    public DevicePluginServer(
        string resource, string socketPath, DeviceFeed devices, DeviceAllocations allocations, DevicePluginMetrics metrics,
        TimeProvider timeProvider, ILoggerFactory loggers, Action streamsChanged)
    {
        (_resource, _devices, _allocations, _metrics, _streamsChanged) = (resource, devices, allocations, metrics, streamsChanged);
        _logger = loggers.CreateLogger<DevicePluginServer>();
        _server = new GrpcServer(
            new GrpcServerOptions { SocketPath = socketPath, MaxReceiveMessageSize = MaxRequestSize }, timeProvider, loggers);
        _server.AddUnary(Service + "GetDevicePluginOptions", Empty.Parser, (_, _) => Task.FromResult(Options));
        _server.AddServerStreaming(Service + "ListAndWatch", Empty.Parser, (_, call) => ListAndWatch(call.CancellationToken));
        _server.AddUnary(Service + "GetPreferredAllocation", PreferredAllocationRequest.Parser,
            (request, call) => GetPreferredAllocationAsync(request, call.CancellationToken));
        _server.AddUnary(Service + "Allocate", AllocateRequest.Parser, (request, call) => AllocateAsync(request, call.CancellationToken));
        _server.AddUnary(Service + "PreStartContainer", PreStartContainerRequest.Parser,
            (_, _) => Task.FromResult(new PreStartContainerResponse()));
    }

    /// <summary>What the kubelet is told at the registration as well, and has to be the same.</summary>
    public static V1Beta1.DevicePluginOptions Options { get; } = new() { GetPreferredAllocationAvailable = true };

    /// <summary>How many ListAndWatch streams are open.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Whether a stream was opened since this was asked last, even if it has ended.</summary>
    public bool TakeOpened()
    {
        lock (_server)
        {
            var wasOpened = _wasOpened;
            _wasOpened = false;
            return wasOpened;
        }
    }

    /// <summary>Whether a stream of the last registration has ended since this was asked last, even if another is open.</summary>
    public bool TakeEnded()
    {
        lock (_server)
        {
            var hasEnded = _hasEnded;
            _hasEnded = false;
            return hasEnded;
        }
    }

    /// <summary>How many of them are of the last registration.</summary>
    public int RegisteredStreams => Volatile.Read(ref _registeredStreams);

    /// <summary>Whether the socket's file is there, as this server made it.</summary>
    public bool HasSocketFile => _server.HasSocketFile;

    /// <summary>Lets the kubelet ask at the same socket what a way of registering needs; before the start.</summary>
    public void Add(IRegistration registration) => registration.AddTo(_server);

    /// <summary>A registration begins: the streams that are open are not its own.</summary>
    /// <param name="isDialled">
    /// Whether the kubelet finds this server now; else those that are still to come are not its own either, but of the registration before,
    /// of which the kubelet has let go.
    /// </param>
    public void NoteRegistration(bool isDialled)
    {
        lock (_server)
            (_registration, _registeredStreams, _isDialled, _wasOpened, _hasEnded) = (_registration + 1, 0, isDialled, false, false);
    }

    /// <exception cref="IOException">The socket cannot be made, or another process listens there.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(cancellationToken);

    /// <summary>Ends the streams, waits for the calls until the token is cancelled, and removes the socket.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async IAsyncEnumerable<ListAndWatchResponse> ListAndWatch([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var registration = NoteStream(+1);
        try
        {
            await foreach (var devices in _devices.WatchAsync(cancellationToken))
                yield return ToMessage(devices);
        }
        finally
        {
            NoteStream(-1, registration);
        }
    }

    /// <returns>The registration that the stream is of.</returns>
    private int NoteStream(int change, int? registration = null)
    {
        lock (_server)
        {
            registration ??= _registration;
            _streams += change;
            if (registration == _registration && _isDialled)
            {
                _registeredStreams += change;
                _wasOpened |= change > 0;
                _hasEnded |= change < 0;
            }
        }

        _metrics.RecordStream(_resource, change);
        _streamsChanged();
        return registration.Value;
    }

    /// <summary>One message for all streams.</summary>
    private ListAndWatchResponse ToMessage(DeviceList devices)
    {
        lock (_server)
        {
            if (_sent is { } sent && ReferenceEquals(sent.List, devices))
                return sent.Message;

            var message = new ListAndWatchResponse();
            message.Devices.AddRange(devices.Devices.Select(device => ToMessage(device, devices.TellsNumaNodes)));
            _sent = (devices, message);
            return message;
        }
    }

    private static Device ToMessage(PluginDevice device, bool tellsNumaNodes) => new()
    {
        Id = device.Id,
        Health = device.IsHealthy ? "Healthy" : "Unhealthy",
        Topology = tellsNumaNodes ? ToMessage(device.NumaNodes) : null,
    };

    private static TopologyInfo ToMessage(IReadOnlyList<int> numaNodes)
    {
        var message = new TopologyInfo();
        foreach (var node in numaNodes)
            message.Nodes.Add(new NumaNode { Id = node });

        return message;
    }

    private async Task<PreferredAllocationResponse> GetPreferredAllocationAsync(
        PreferredAllocationRequest request, CancellationToken cancellationToken)
    {
        var response = new PreferredAllocationResponse();
        foreach (var container in request.ContainerRequests)
        {
            var preferred = await _allocations.PreferAsync(
                container.AvailableDeviceIds, container.MustIncludeDeviceIds, container.AllocationSize, cancellationToken);
            response.ContainerResponses.Add(new ContainerPreferredAllocationResponse { DeviceIds = { preferred } });
        }

        return response;
    }

    private async Task<AllocateResponse> AllocateAsync(AllocateRequest request, CancellationToken cancellationToken)
    {
        using var allocation = _metrics.StartAllocation(_resource);
        IReadOnlyList<string>[] requests = [.. request.ContainerRequests.Select(container => container.DeviceIds)];
        try
        {
            var allocated = await _allocations.AllocateAsync(requests, cancellationToken);
            allocation.Succeed();
            if (_logger.IsEnabled(LogLevel.Information))
                LogAllocated(_resource, string.Join(',', requests.SelectMany(ids => ids)));

            return new AllocateResponse { ContainerResponses = { allocated.Select(ToMessage) } };
        }
        catch (AllocationException exception)
        {
            LogRefused(exception.Message);
            throw new GrpcException(
                exception.IsRequestWrong ? GrpcStatusCode.InvalidArgument : GrpcStatusCode.FailedPrecondition, exception.Message);
        }
    }

    private static ContainerAllocateResponse ToMessage(ContainerAllocation allocation)
    {
        var message = new ContainerAllocateResponse();
        foreach (var (name, value) in allocation.Environment)
            message.Envs.Add(name, value);

        foreach (var (name, value) in allocation.Annotations)
            message.Annotations.Add(name, value);

        message.Devices.AddRange(allocation.DeviceNodes.Select(node => new DeviceSpec
        {
            ContainerPath = node.ContainerPath,
            HostPath = node.HostPath,
            Permissions = node.Permissions,
        }));
        message.Mounts.AddRange(allocation.Mounts.Select(mount => new Mount
        {
            ContainerPath = mount.ContainerPath,
            HostPath = mount.HostPath,
            ReadOnly = mount.IsReadOnly,
        }));
        message.CdiDevices.AddRange(allocation.CdiDevices.Select(name => new CdiDevice { Name = name }));
        return message;
    }

    [LoggerMessage(1, LogLevel.Information, "Allocated of {Resource}: {Ids}", EventName = "Allocated")]
    private partial void LogAllocated(string resource, string ids);

    [LoggerMessage(2, LogLevel.Warning, "Refused to allocate: {Reason}", EventName = "Refused")]
    private partial void LogRefused(string reason);
}
