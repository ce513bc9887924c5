using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.DevicePlugin.Watcher.V1;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

/// <summary>A device plugin that does what a test tells it, and nothing by itself.</summary>
internal sealed class ScriptedPlugin : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _socketName;
    private readonly GrpcServer _server;
    private readonly Lock _lock = new();
    private readonly List<Channel<ListAndWatchResponse>> _streams = [];
    private readonly TaskCompletionSource _streamsEnded = new();
    private ListAndWatchResponse? _list;
    private int _openStreams;

    public ScriptedPlugin(string folder, string socketName)
    {
        (_folder, _socketName) = (folder, socketName);
        var options = new GrpcServerOptions { SocketPath = Path.Combine(folder, socketName) };
        _server = new GrpcServer(options, TimeProvider.System, NullLoggerFactory.Instance);
        Add("GetDevicePluginOptions", Empty.Parser, _ => OnOptions());
        Add("Allocate", AllocateRequest.Parser, request => Task.FromResult(OnAllocate(request)));
        Add("GetPreferredAllocation", PreferredAllocationRequest.Parser, request => Task.FromResult(OnPrefer(request)));
        _server.AddServerStreaming<Empty, ListAndWatchResponse>(
            "/v1beta1.DevicePlugin/ListAndWatch", Empty.Parser, (_, call) => WatchAsync(call.CancellationToken));
    }

    public Func<Task<V1Beta1.DevicePluginOptions>> OnOptions { get; set; } =
        () => Task.FromResult(new V1Beta1.DevicePluginOptions());

    public Func<AllocateRequest, AllocateResponse> OnAllocate { get; set; } = request => new AllocateResponse
    {
        ContainerResponses = { request.ContainerRequests.Select(_ => new ContainerAllocateResponse()) },
    };

    public Func<PreferredAllocationRequest, PreferredAllocationResponse> OnPrefer { get; set; } = _ => new();

    public int OpenStreams => Volatile.Read(ref _openStreams);

    /// <summary>Done when the last of the streams that were open has ended here.</summary>
    public Task StreamsEnded => _streamsEnded.Task;

    /// <summary>What the kubelet told of the registration at first, where it found the plugin.</summary>
    public TaskCompletionSource<RegistrationStatus> Status { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the kubelet ask what it is, at the same socket; before the start.</summary>
    public void BeFound()
    {
        const string service = "/pluginregistration.Registration/";
        var info = new PluginInfo { Type = "DevicePlugin", Name = FakeKubeletTests.Npu, SupportedVersions = { "v1beta1" } };
        _server.AddUnary<InfoRequest, PluginInfo>(service + "GetInfo", InfoRequest.Parser, (_, _) => Task.FromResult(info));
        _server.AddUnary<RegistrationStatus, RegistrationStatusResponse>(
            service + "NotifyRegistrationStatus", RegistrationStatus.Parser, (status, _) =>
            {
                Status.TrySetResult(status);
                return Task.FromResult(new RegistrationStatusResponse());
            });
    }

    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(cancellationToken);

    public async Task RegisterAsync(
        CancellationToken cancellationToken, string version = "v1beta1", string resourceName = FakeKubeletTests.Npu,
        V1Beta1.DevicePluginOptions? options = null, string? endpoint = null)
    {
        using var kubelet = new GrpcChannel(Path.Combine(_folder, "kubelet.sock"), TimeProvider.System);
        var request = new RegisterRequest
        {
            Version = version,
            Endpoint = endpoint ?? _socketName,
            ResourceName = resourceName,
            Options = options,
        };
        await kubelet.UnaryAsync("/v1beta1.Registration/Register", request, Empty.Parser, timeout: null, cancellationToken);
    }

    /// <summary>Sends the list on every stream, and at first on each that is opened later.</summary>
    public void List(params IEnumerable<Device> devices)
    {
        lock (_lock)
        {
            _list = new ListAndWatchResponse { Devices = { devices } };
            foreach (var stream in _streams)
                stream.Writer.TryWrite(_list);
        }
    }

    public static Device Healthy(string id) => new() { Id = id, Health = "Healthy" };

    public static Device Unhealthy(string id) => new() { Id = id, Health = "Unhealthy" };

    /// <summary>Ends all streams as a plugin does that returns from its handler.</summary>
    public void EndStreams()
    {
        lock (_lock)
        {
            foreach (var stream in _streams)
                stream.Writer.Complete();

            _streams.Clear();
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private void Add<TRequest, TResponse>(
        string method, Google.Protobuf.MessageParser<TRequest> parser, Func<TRequest, Task<TResponse>> answer)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>
        where TResponse : class, Google.Protobuf.IMessage<TResponse> =>
        _server.AddUnary<TRequest, TResponse>("/v1beta1.DevicePlugin/" + method, parser, (request, _) => answer(request));

    private async IAsyncEnumerable<ListAndWatchResponse> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = Channel.CreateUnbounded<ListAndWatchResponse>();
        lock (_lock)
        {
            _streams.Add(stream);
            if (_list is not null)
                stream.Writer.TryWrite(_list);
        }

        Interlocked.Increment(ref _openStreams);
        try
        {
            await foreach (var list in stream.Reader.ReadAllAsync(cancellationToken))
                yield return list;
        }
        finally
        {
            if (Interlocked.Decrement(ref _openStreams) == 0)
                _streamsEnded.TrySetResult();
        }
    }
}
