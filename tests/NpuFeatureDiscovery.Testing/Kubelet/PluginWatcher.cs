using System.Collections.Concurrent;
using NpuFeatureDiscovery.DevicePlugin.Watcher.V1;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>
/// The kubelet's plugin manager: compares once a second the sockets that there are with those that it has registered, and registers
/// and deregisters what differs.
/// </summary>
internal sealed class PluginWatcher : IAsyncDisposable
{
    private const string Service = "/pluginregistration.Registration/";

    private static readonly TimeSpan Pass = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GetInfoDeadline = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NotifyDeadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(122);

    private readonly RegistryFolder _folder;
    private readonly DeviceManager _manager;
    private readonly KubeletVersion _version;
    private readonly KubeletFaults _faults;
    private readonly StateBoard _board;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<string, (object Stamp, string Name)> _registered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _operations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (TimeSpan Wait, DateTimeOffset Until)> _failures = new(StringComparer.Ordinal);
    private readonly Task _running;

    public PluginWatcher(
        string folder, DeviceManager manager, KubeletVersion version, KubeletFaults faults, StateBoard board,
        TimeProvider timeProvider)
    {
        (_manager, _version, _faults, _board, _timeProvider) = (manager, version, faults, board, timeProvider);
        _folder = new RegistryFolder(folder);
        _running = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_operations.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _folder.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Pass, _timeProvider);
        do
        {
            if (_faults.IgnoresRegistry)
                continue;

            var sockets = _folder.Sockets;
            foreach (var (path, plugin) in _registered)
            {
                if (sockets.GetValueOrDefault(path) != plugin.Stamp)
                    Start(path, () => DeregisterAsync(path, plugin.Name));
                else if (_version.AsksPluginsAgain)
                    Start(path, () => AskAgainAsync(path, plugin.Name));
            }

            foreach (var (path, stamp) in sockets.Where(socket => !_registered.ContainsKey(socket.Key)))
                Start(path, () => RegisterAsync(path, stamp));
        }
        while (await timer.WaitForNextTickAsync(_ending.Token));
    }

    /// <summary>One operation a socket at a time, and after one that failed not at once.</summary>
    private void Start(string path, Func<Task> operation)
    {
        if (_operations.GetValueOrDefault(path) is { IsCompleted: false }
            || (_failures.TryGetValue(path, out var failure) && _timeProvider.GetUtcNow() < failure.Until))
            return;

        _operations[path] = RunAsync(path, operation);
    }

    private async Task RunAsync(string path, Func<Task> operation)
    {
        try
        {
            await operation();
            _failures.TryRemove(path, out _);
        }
        catch (Exception exception) when (exception is GrpcException or TimeoutException)
        {
            var wait = _failures.TryGetValue(path, out var last) ? last.Wait * 2 : FirstWait;
            wait = wait < LongestWait ? wait : LongestWait;
            _failures[path] = (wait, _timeProvider.GetUtcNow() + wait);
            _board.Log($"The plugin at '{path}' is not registered, and asked again after {wait.TotalSeconds} s: {exception.Message}");
        }
    }

    private async Task RegisterAsync(string path, object stamp)
    {
        await PluginDial.RunAsync(path, _timeProvider, _board.Log, _ending.Token);
        using var channel = new GrpcChannel(path, _timeProvider);
        var info = await GetInfoAsync(channel);
        var refusal = _faults.TakeRefusal() ?? RefusalOf(info);
        _board.Change(state => state with
        {
            Registrations =
            [
                .. state.Registrations,
                new(state.Starts, info.SupportedVersions.FirstOrDefault() ?? "", path, info.Name, Options: null, refusal),
            ],
        });
        if (refusal is not null)
        {
            await NotifyAsync(channel, refusal);
            throw new GrpcException(GrpcStatusCode.Unknown, refusal);
        }

        // Before it is dialled: one that fails there is not asked again until its socket is made anew.
        _registered[path] = (stamp, info.Name);
        try
        {
            await _manager.ConnectFoundAsync(info.Name, info.Endpoint is "" ? path : info.Endpoint);
        }
        catch (GrpcException exception)
        {
            await NotifyAsync(channel, exception.Message);
            throw;
        }

        await NotifyAsync(channel, error: "");
    }

    private Task DeregisterAsync(string path, string name)
    {
        _registered.TryRemove(path, out _);
        _manager.Deregister(name, path);
        return Task.CompletedTask;
    }

    private async Task AskAgainAsync(string path, string name)
    {
        using var channel = new GrpcChannel(path, _timeProvider);
        try
        {
            await GetInfoAsync(channel);
        }
        catch (GrpcException)
        {
            await DeregisterAsync(path, name);
        }
    }

    private async Task<PluginInfo> GetInfoAsync(GrpcChannel channel) => await channel.UnaryAsync(
        Service + "GetInfo", new InfoRequest(), PluginInfo.Parser, GetInfoDeadline, _ending.Token);

    private async Task NotifyAsync(GrpcChannel channel, string error) => await channel.UnaryAsync(
        Service + "NotifyRegistrationStatus", new RegistrationStatus { PluginRegistered = error is "", Error = error },
        RegistrationStatusResponse.Parser, NotifyDeadline, _ending.Token);

    private static string? RefusalOf(PluginInfo info) =>
        info.Type != "DevicePlugin" ? $"No handler is registered for plugins of the type '{info.Type}'."
        : !info.SupportedVersions.Contains("v1beta1") ? $"Version v1beta1 is not among {info.SupportedVersions}."
        : !ExtendedResourceName.IsValid(info.Name) ? $"The resource name '{info.Name}' is invalid."
        : null;
}
