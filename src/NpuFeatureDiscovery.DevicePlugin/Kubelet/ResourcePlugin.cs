using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Resources;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>
/// Keeps one resource served and registered, whatever happens to the kubelet, its folder or its streams. The kubelet never opens a
/// stream again by itself, and it accepts registrations that come to nothing: so a registration counts once its stream is open.
/// </summary>
internal sealed partial class ResourcePlugin
{
    /// <summary>How often the folder is looked at where it cannot be watched.</summary>
    public static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>How often it is looked at where it is watched: the folder itself may have been replaced.</summary>
    public static readonly TimeSpan WatchedPoll = TimeSpan.FromSeconds(5);

    /// <summary>For a registration: kubelets from 1.26 on dial the plugin for up to 10 seconds before they answer.</summary>
    public static readonly TimeSpan RegisterDeadline = TimeSpan.FromSeconds(20);

    /// <summary>How long the kubelet may take to open its stream, and how long a stream lives that counts as a good one.</summary>
    public static readonly TimeSpan StreamDeadline = TimeSpan.FromSeconds(5);

    /// <summary>The kubelet may still be at work on the registration of a plugin that left, and on the end of its stream.</summary>
    private static readonly TimeSpan TakeBackDelay = TimeSpan.FromSeconds(1);

    private const string NoKubelet = "the kubelet does not run: its socket is missing";
    private const string Unproven = "it is registered, and the kubelet has not opened its ListAndWatch stream yet";
    private const string NoStream = "the kubelet accepted the registration, and opened no ListAndWatch stream";

    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(5);

    private readonly string _resource;
    private readonly string _socketName;
    private readonly string _socketPath;
    private readonly PluginFolder _folder;
    private readonly OtherPlugins _others;
    private readonly DeviceFeed _devices;
    private readonly Func<Action, DevicePluginServer> _createServer;
    private readonly DevicePluginMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Backoff _backoff = new(Random.Shared);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The newest last; the others are kept for the streams that are still open at them.</summary>
    private readonly List<DevicePluginServer> _servers = [];

    private DevicePluginServer? _lostSocketOf;
    private FileIdentity? _kubelet;
    private FileIdentity? _registeredAt;
    private long _streamDueAt;
    private long _nextAttemptAt;
    private long? _streamSince;
    private volatile string? _fault = "it is not registered yet";
    private string? _loggedFault;
    private string? _watchFault;

    public ResourcePlugin(
        string resource, string socketName, PluginFolder folder, DeviceFeed devices, DeviceAllocations allocations,
        DevicePluginMetrics metrics, TimeProvider timeProvider, ILoggerFactory loggers)
    {
        (_resource, _socketName, _folder, _devices) = (resource, socketName, folder, devices);
        (_metrics, _timeProvider) = (metrics, timeProvider);
        _socketPath = folder.PathOf(socketName);
        _others = new OtherPlugins(folder, socketName);
        _logger = loggers.CreateLogger<ResourcePlugin>();
        _createServer = streamsChanged => new DevicePluginServer(
            resource, _socketPath, devices, allocations, metrics, timeProvider, loggers, streamsChanged);
    }

    /// <summary>Why the kubelet does not know of the resource; null where it does.</summary>
    public string? Fault => _fault;

    private int Streams => _servers.Sum(server => server.Streams);

    /// <summary>Whether the last registration has come to a stream. Those of the ones before go on, and tell nothing of it.</summary>
    private bool HasStream => _servers.Any(server => server.RegisteredStreams > 0);

    /// <summary>
    /// Runs, once the first list of devices is published, until it is cancelled; then ends the streams and removes the socket.
    /// </summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _folder.Changed += Wake;
        try
        {
            while (true)
            {
                WatchFolder();
                NoteKubelet();
                NoteOthers();
                if (await IsServingAsync(stopping) && NeedsRegistration() && IsDue(_nextAttemptAt))
                    await RegisterAsync(stopping);

                await EndUnusedServersAsync();
                await WaitAsync(UntilNextLook(), stopping);
            }
        }
        finally
        {
            _folder.Changed -= Wake;
            foreach (var server in _servers)
                await EndAsync(server);
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private void WatchFolder()
    {
        var fault = _folder.Watch();
        if (fault is not null && fault != _watchFault)
            LogNotWatching(fault, Poll);

        _watchFault = fault;
    }

    /// <summary>Another kubelet than before is asked at once, whatever the last one owed.</summary>
    private void NoteKubelet()
    {
        var kubelet = FileIdentity.Of(_folder.KubeletSocket);
        if (kubelet == _kubelet)
            return;

        _kubelet = kubelet;
        _backoff.Reset();
        _nextAttemptAt = _timeProvider.GetTimestamp();
    }

    /// <summary>If it was this resource that another plugin took, its end left the kubelet with nobody to ask.</summary>
    private void NoteOthers()
    {
        if (!_others.HaveLeft() || _registeredAt is null)
            return;

        _registeredAt = null;
        _nextAttemptAt = After(TakeBackDelay);
        LogOtherLeft(_resource);
    }

    /// <summary>Makes the socket, and again where it is gone: kubelets empty the folder when they start.</summary>
    private async Task<bool> IsServingAsync(CancellationToken cancellationToken)
    {
        if (_servers is [.., var serving])
        {
            if (FileIdentity.Of(_socketPath) == serving.SocketFile)
                return true;

            NoteLostSocket(serving);
        }

        // In the middle of a kubelet's start the next socket would go as well; and what the kubelet holds open still works.
        if (_servers.Count > 0 && _kubelet is null)
        {
            ReportFault(NoKubelet);
            return false;
        }

        if (!IsDue(_nextAttemptAt))
            return false;

        var server = _createServer(Wake);
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await server.DisposeAsync();
            var reason = DevicePluginOptions.PluginDirectoryError(_folder.Path);
            Fail(reason is null ? $"it cannot be served: {exception.Message}" : $"it cannot be served in '{_folder.Path}': {reason}");
            return false;
        }

        _servers.Add(server);
        _registeredAt = null;
        LogServing(_resource, _socketPath);
        return true;
    }

    private void NoteLostSocket(DevicePluginServer server)
    {
        if (_lostSocketOf == server)
            return;

        _lostSocketOf = server;
        LogSocketLost(_resource, _socketPath);
        // Whoever emptied the folder under a kubelet that lives may have taken its checkpoint too, which tells it after a restart
        // which Pod holds what. It writes it anew with every list.
        if (Streams > 0)
            _devices.Repeat();
    }

    private bool NeedsRegistration()
    {
        var hasStream = HasStream;
        if (hasStream)
            _streamSince ??= _timeProvider.GetTimestamp();
        else if (_streamSince is { } since)
            NoteLostStream(_timeProvider.GetElapsedTime(since));

        if (_kubelet is null)
        {
            ReportFault(NoKubelet);
            return false;
        }

        if (_registeredAt != _kubelet)
            return true;

        if (hasStream)
        {
            ReportReady();
            return false;
        }

        if (!IsDue(_streamDueAt))
            return false;

        if (_fault == Unproven)
            ReportFault(NoStream);

        return true;
    }

    private void NoteLostStream(TimeSpan lived)
    {
        // One that ended right away is no reason to hurry.
        if (lived >= StreamDeadline)
            _backoff.Reset();

        _streamSince = null;
        _streamDueAt = _timeProvider.GetTimestamp();
        _nextAttemptAt = After(_backoff.Next());
        ReportFault("the kubelet ended its ListAndWatch stream");
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var kubelet = _kubelet;
        _streamSince = null;
        foreach (var server in _servers)
            server.NoteRegistration();

        using var channel = new GrpcChannel(_folder.KubeletSocket, _timeProvider);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var request = new RegisterRequest
        {
            Version = "v1beta1",
            Endpoint = _socketName,
            ResourceName = _resource,
            Options = DevicePluginServer.Options,
        };
        var registering = channel.UnaryAsync(
            "/v1beta1.Registration/Register", request, Empty.Parser, RegisterDeadline, attempt.Token);
        while (!registering.IsCompleted)
        {
            await WaitAsync(Poll, cancellationToken, registering);
            // The next kubelet must not wait for what the last one owes.
            if (!registering.IsCompleted && FileIdentity.Of(_folder.KubeletSocket) != kubelet)
                await attempt.CancelAsync();
        }

        try
        {
            await registering;
        }
        catch (Exception exception) when (exception is GrpcException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _metrics.RecordRegistration(_resource, isSuccess: false);
            Fail($"the registration at '{_folder.KubeletSocket}' failed: {exception.Message}");
            return;
        }

        _metrics.RecordRegistration(_resource, isSuccess: true);
        _registeredAt = kubelet;
        _streamDueAt = After(StreamDeadline);
        _nextAttemptAt = After(_backoff.Next());
        _fault = Unproven;
        if (_loggedFault != NoStream)
            LogRegistered(_resource, _socketName);

        // The stream may be open already.
        Wake();
    }

    /// <summary>An old socket's server is of no use but for its streams, which end with the kubelet that opened them.</summary>
    private async Task EndUnusedServersAsync()
    {
        foreach (var server in _servers.SkipLast(1).Where(server => server.Streams == 0).ToArray())
        {
            _servers.Remove(server);
            await EndAsync(server);
        }
    }

    private async Task EndAsync(DevicePluginServer server)
    {
        using var deadline = new CancellationTokenSource(StopDeadline, _timeProvider);
        await server.StopAsync(deadline.Token);
        await server.DisposeAsync();
    }

    /// <summary>Waits for a change in the folder or of the streams, for another task or for the time.</summary>
    private async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken, Task? other = null)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var woken = _wake.Reader.WaitToReadAsync(waiting.Token).AsTask();
        var over = Task.Delay(time, _timeProvider, waiting.Token);
        await Task.WhenAny(woken, over, other ?? woken);
        await waiting.CancelAsync();
        _wake.Reader.TryRead(out _);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private TimeSpan UntilNextLook()
    {
        var now = _timeProvider.GetTimestamp();
        var poll = _folder.IsWatched ? WatchedPoll : Poll;
        long[] dues = HasStream ? [_nextAttemptAt] : [_nextAttemptAt, _streamDueAt];
        return dues.Select(due => _timeProvider.GetElapsedTime(now, due)).Where(wait => wait > TimeSpan.Zero).Append(poll).Min();
    }

    private long After(TimeSpan time) =>
        _timeProvider.GetTimestamp() + (long)(time.TotalSeconds * _timeProvider.TimestampFrequency);

    private bool IsDue(long timestamp) => _timeProvider.GetTimestamp() >= timestamp;

    private void Fail(string fault)
    {
        _nextAttemptAt = After(_backoff.Next());
        ReportFault(fault);
    }

    private void ReportFault(string fault)
    {
        _fault = fault;
        if (fault == _loggedFault)
            return;

        _loggedFault = fault;
        LogFault(_resource, fault);
    }

    private void ReportReady()
    {
        if (_fault is null)
            return;

        _fault = _loggedFault = null;
        LogReady(_resource);
    }

    [LoggerMessage(1, LogLevel.Information, "{Resource}: serving at {Socket}", EventName = "Serving")]
    private partial void LogServing(string resource, string socket);

    [LoggerMessage(2, LogLevel.Information, "{Resource}: registered with the socket {Socket}", EventName = "Registered")]
    private partial void LogRegistered(string resource, string socket);

    [LoggerMessage(3, LogLevel.Information, "{Resource}: the kubelet watches the devices", EventName = "Ready")]
    private partial void LogReady(string resource);

    [LoggerMessage(4, LogLevel.Warning, "{Resource}: {Fault}; trying again until it works", EventName = "Fault")]
    private partial void LogFault(string resource, string fault);

    [LoggerMessage(
        5, LogLevel.Warning, "{Fault} Restarts of the kubelet are noticed by looking every {Interval} instead",
        EventName = "NotWatching")]
    private partial void LogNotWatching(string fault, TimeSpan interval);

    [LoggerMessage(6, LogLevel.Information, "{Resource}: the socket {Socket} was removed", EventName = "SocketLost")]
    private partial void LogSocketLost(string resource, string socket);

    [LoggerMessage(
        7, LogLevel.Information, "{Resource}: another plugin has left, and may have held the resource; registering again",
        EventName = "OtherLeft")]
    private partial void LogOtherLeft(string resource);
}
