using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>One process of a kubelet, from its start to its end.</summary>
internal sealed class KubeletRun : IAsyncDisposable
{
    private const string ApiVersion = "v1beta1";
    private readonly PluginFolder _folder;
    private readonly KubeletFaults _faults;
    private readonly StateBoard _board;
    private readonly TemporaryFolder _serverFolder = new();
    private readonly GrpcServer _server;
    private readonly KubeletSocket _socket;
    private readonly Func<PluginWatcher?> _startWatcher;
    private PluginWatcher? _watcher;

    /// <summary>Sweeps the folder and binds the socket, at which nobody listens yet.</summary>
    public KubeletRun(
        PluginFolder folder, string? registryFolder, KubeletVersion version, KubeletFaults faults, ISet<string> checkpoint,
        StateBoard board, TimeProvider timeProvider)
    {
        (_folder, _faults, _board) = (folder, faults, board);
        if (!folder.HasCheckpoint)
        {
            checkpoint.Clear();
            board.Change(state => state with { Pods = [] });
        }

        folder.Prepare(version.SweepsRegularFiles);
        board.Change(state => state with { IsRunning = true, Starts = state.Starts + 1 });
        Manager = new DeviceManager(folder, version, faults, checkpoint, board, timeProvider);
        var options = new GrpcServerOptions { SocketPath = _serverFolder.At("kubelet.sock") };
        _server = new GrpcServer(options, timeProvider, NullLoggerFactory.Instance);
        _server.AddUnary<RegisterRequest, Empty>("/v1beta1.Registration/Register", RegisterRequest.Parser, RegisterAsync);
        _socket = new KubeletSocket(folder.Socket, options.SocketPath, IsConnectionHung);
        _startWatcher = () => registryFolder is null
            ? null : new PluginWatcher(registryFolder, Manager, version, faults, board, timeProvider);
    }

    public DeviceManager Manager { get; }

    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(cancellationToken);
        _socket.Listen();
        _folder.WriteDeprecation();
        _watcher = _startWatcher();
    }

    /// <summary>Ends it, with its socket's file left to the caller.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_watcher is not null)
            await _watcher.DisposeAsync();

        await _socket.DisposeAsync();
        await _server.DisposeAsync();
        await Manager.DisposeAsync();
        _serverFolder.Dispose();
        _board.Change(state => state with { IsRunning = false, Resources = new Dictionary<string, KubeletResource>() });
    }

    private async Task<Empty> RegisterAsync(RegisterRequest request, GrpcCallContext call)
    {
        var registration = new PluginRegistration(
            _board.State.Starts, request.Version, request.Endpoint, request.ResourceName, request.Options?.ToRecord(),
            _faults.TakeRefusal() ?? RefusalOf(request));
        _board.Change(state => state with { Registrations = [.. state.Registrations, registration] });
        if (_faults.HangsRegistrations)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.CancellationToken);

        if (registration.Refusal is { } refusal)
            throw new GrpcException(GrpcStatusCode.Unknown, refusal);

        // A plugin that no longer waits is registered none the less.
        await Manager.RegisterAsync(request).WaitAsync(call.CancellationToken);
        return new Empty();
    }

    private bool IsConnectionHung()
    {
        if (_faults.HangsConnections)
            _board.Log("A connection is accepted and left without an answer.");

        return _faults.HangsConnections;
    }

    private static string? RefusalOf(RegisterRequest request) =>
        request.Version != ApiVersion
            ? $"Version '{request.Version}' of the API is not supported; supported is '{ApiVersion}'."
        : !ExtendedResourceName.IsValid(request.ResourceName)
            ? $"The resource name '{request.ResourceName}' is invalid."
        : null;
}
