using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Resources;
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

    /// <summary>How long the kubelet may take to open its stream, and how long a stream lives that counts as a good one.</summary>
    public static readonly TimeSpan StreamDeadline = TimeSpan.FromSeconds(5);

    /// <summary>The kubelet may still be at work on the registration of a plugin that left, and on the end of its stream.</summary>
    private static readonly TimeSpan TakeBackDelay = TimeSpan.FromSeconds(1);

    private const string Unproven = "it is registered, and the kubelet has not opened its ListAndWatch stream yet";
    private const string NoStream = "the kubelet accepted the registration, and opened no ListAndWatch stream";

    private readonly string _resource;
    private readonly string _socketName;
    private readonly KubeletFolders _folders;
    private readonly string _socketSuffix;
    private readonly DeviceFeed _devices;
    private readonly PluginServers _servers;
    private readonly Func<string, Action, DevicePluginServer> _createServer;
    private readonly DevicePluginMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(30), Random.Shared);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile IRegistration _registration;
    private IRegistration? _fallback;
    private OtherPlugins _others;
    private DevicePluginServer? _lostSocketOf;
    private DevicePluginServer? _announced;
    private FileIdentity? _target;
    private FileIdentity? _registeredAt;
    private long _streamDueAt;
    private long _nextAttemptAt;
    private long? _streamSince;
    private volatile string? _fault = "it is not registered yet";
    private string? _loggedFault;
    private string? _watchFault;

    public ResourcePlugin(
        string resource, string socketSuffix, KubeletFolders folders, DeviceFeed devices, DeviceAllocations allocations,
        DevicePluginMetrics metrics, TimeProvider timeProvider, ILoggerFactory loggers)
    {
        (_resource, _folders, _socketSuffix, _devices) = (resource, folders, socketSuffix, devices);
        (_metrics, _timeProvider) = (metrics, timeProvider);
        _socketName = folders.SocketName(socketSuffix);
        _servers = new PluginServers(timeProvider);
        var registrations = folders.Registrations(resource, socketSuffix);
        (_registration, _fallback) = (registrations[0], registrations.ElementAtOrDefault(1));
        _others = new OtherPlugins(Folder, _socketName);
        _logger = loggers.CreateLogger<ResourcePlugin>();
        _createServer = (socketPath, streamsChanged) => new DevicePluginServer(
            resource, socketPath, devices, allocations, metrics, timeProvider, loggers, streamsChanged);
        foreach (var registration in registrations)
            metrics.ShowRegistrations(resource, registration.Mode);
    }

    /// <summary>Why the kubelet does not know of the resource; null where it does.</summary>
    public string? Fault => _fault;

    /// <summary>How the resource is registered; null where it is not.</summary>
    public string? Registration =>
        _fault is null ? $"{_resource}: registered ({Mode.ToString().ToLowerInvariant()})" : null;

    /// <summary>How the resource is registered, or is to be.</summary>
    public RegistrationMode Mode => _registration.Mode;

    private PluginFolder Folder => _registration.Folder;

    /// <summary>Where the kubelet finds the resource.</summary>
    public string SocketPath => Folder.PathOf(_socketName);

    /// <summary>
    /// Runs, once the first list of devices is published, until it is cancelled; then ends the streams and removes the socket.
    /// </summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        Folder.Changed += Wake;
        try
        {
            foreach (var left in _folders.RemoveLeftSockets(_socketSuffix))
                LogRemoved(_resource, left);

            while (true)
            {
                WatchFolder();
                NoteTarget();
                NoteOthers();
                if (await IsServingAsync(stopping) && NeedsRegistration() && IsDue(_nextAttemptAt))
                    await RegisterAsync(stopping);

                // The stream of the last registration may be on its way to one.
                if (_servers.HaveRegisteredStream || IsDue(_streamDueAt))
                    await _servers.EndUnusedAsync();

                await WaitAsync(UntilNextLook(), stopping);
            }
        }
        finally
        {
            Folder.Changed -= Wake;
            await _servers.EndAllAsync();
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private void WatchFolder()
    {
        var fault = Folder.Watch();
        if (fault is not null && fault != _watchFault)
            LogNotWatching(fault, Poll);

        _watchFault = fault;
    }

    /// <summary>Another kubelet than before is asked at once, whatever the last one owed.</summary>
    private void NoteTarget()
    {
        var target = _registration.Target;
        if (target == _target)
            return;

        _target = target;
        _backoff.Reset();
        _nextAttemptAt = _timeProvider.GetTimestamp();
    }

    /// <summary>
    /// If it was this resource that another plugin took, its end left the kubelet with nobody to ask. Where the kubelet finds sockets, it
    /// ends the stream of the first.
    /// </summary>
    private void NoteOthers()
    {
        if (_registration.IsPerSocket || !_others.HaveLeft() || _registeredAt is null)
            return;

        _registeredAt = null;
        _nextAttemptAt = After(TakeBackDelay);
        LogOtherLeft(_resource);
    }

    /// <summary>Makes the socket, and again where it is gone: kubelets empty the folder when they start.</summary>
    private async Task<bool> IsServingAsync(CancellationToken cancellationToken)
    {
        if (_servers.Newest is { } serving)
        {
            if (serving.HasSocketFile)
                return true;

            NoteLostSocket(serving);
        }

        // In the middle of a kubelet's start the next socket would go as well; and what the kubelet holds open still works.
        if (_servers.Newest is not null && _target is null && !_registration.IsPerSocket)
        {
            ReportFault(_registration.NoTarget);
            return false;
        }

        if (!IsDue(_nextAttemptAt) || !await ServeAsync(cancellationToken))
            return false;

        LogServing(_resource, SocketPath);
        return true;
    }

    private async Task<bool> ServeAsync(CancellationToken cancellationToken)
    {
        var server = _createServer(SocketPath, Wake);
        server.Add(_registration);
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await server.DisposeAsync();
            var reason = KubeletOptions.PluginDirectoryError(Folder.Path);
            Fail(reason is null ? $"it cannot be served: {exception.Message}" : $"it cannot be served in '{Folder.Path}': {reason}");
            if (reason is not null && _fallback is not null)
                await FallBackAsync(_fallback);

            return false;
        }

        _servers.Add(server);
        _registeredAt = null;
        return true;
    }

    private void NoteLostSocket(DevicePluginServer server)
    {
        if (_lostSocketOf == server)
            return;

        _lostSocketOf = server;
        LogSocketLost(_resource, SocketPath);
        // Whoever emptied the folder under a kubelet that lives may have taken its checkpoint too, which tells it after a restart
        // which Pod holds what. It writes it anew with every list.
        if (_servers.Streams > 0 && !_registration.IsPerSocket)
            _devices.Repeat();
    }

    private bool NeedsRegistration()
    {
        var (wasOpened, hasEnded) = (_servers.TakeOpened(), _servers.TakeEnded());
        var hasStream = _servers.HaveRegisteredStream;
        if (hasStream && hasEnded && !_registration.IsPerSocket)
        {
            // It may have been the one that the kubelet counts, or the kubelet takes it for the end of that one.
            _registeredAt = null;
            NoteLostStream(_timeProvider.GetElapsedTime(_streamSince ?? _timeProvider.GetTimestamp()));
        }
        else if (hasStream)
            _streamSince ??= _timeProvider.GetTimestamp();
        else if (_streamSince is { } since)
            NoteLostStream(_timeProvider.GetElapsedTime(since));
        else if (wasOpened)
            NoteLostStream(TimeSpan.Zero);

        if (_target is null)
        {
            ReportFault(_registration.NoTarget);
            return false;
        }

        // A socket with a stream is a socket that the kubelet has found, whether or not that was waited for.
        if (_registeredAt != _target && !(_registration.IsPerSocket && _servers.Newest is { Streams: > 0 }))
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
        if (_registration.IsPerSocket && _announced == _servers.Newest)
        {
            // So that the kubelet asks again.
            await _servers.EndNewestAsync();
            if (!await ServeAsync(cancellationToken))
                return;
        }
        else if (!_registration.IsPerSocket)
        {
            _streamSince = null;
            _servers.NoteRegistration();
        }

        var (registration, server, target, kubelet) = (_registration, _servers.Newest!, _target, _fallback?.Target);
        _announced = server;
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var registering = registration.RegisterAsync(attempt.Token);
        while (!registering.IsCompleted)
        {
            await WaitAsync(Poll, cancellationToken, registering);
            if (registering.IsCompleted)
                break;

            // The next kubelet must not wait for what the last one owes, and nobody finds a socket that is gone.
            if (registration.Target != target || (registration.IsPerSocket && !server.HasSocketFile))
                await attempt.CancelAsync();
            // It went in the sweep of a kubelet's start, and that kubelet dials it until its own patience ends.
            else if (!registration.IsPerSocket)
                await IsServingAsync(cancellationToken);
        }

        try
        {
            await registering;
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            NoteFailure(registration, "the registration was given up, since its socket is another one now");
            return;
        }
        catch (RegistrationException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            NoteFailure(registration, exception.Message);
            // Only a kubelet that runs, and ran all the while, shows that it does not know of this way.
            if (_fallback is { } fallback && kubelet is not null && fallback.Target == kubelet
                && UnixSocket.IsServed(fallback.Folder.KubeletSocket))
                await FallBackAsync(fallback);

            return;
        }

        _metrics.RecordRegistration(_resource, registration.Mode, isSuccess: true);
        _registeredAt = target;
        _streamDueAt = After(StreamDeadline);
        _nextAttemptAt = After(_backoff.Next());
        _fault = Unproven;
        if (!_servers.HaveRegisteredStream)
            _streamSince = null;

        if (_loggedFault != NoStream)
            LogRegistered(_resource, _socketName, registration.Mode);

        // The stream may be open already.
        Wake();
    }

    private void NoteFailure(IRegistration registration, string fault)
    {
        _metrics.RecordRegistration(_resource, registration.Mode, isSuccess: false);
        Fail(fault);
    }

    /// <summary>Two ways at once would be two streams, of which the end of one stops the other at most kubelets.</summary>
    private async Task FallBackAsync(IRegistration fallback)
    {
        LogFallBack(_resource, _fault ?? "", fallback.Mode);
        await _servers.EndAllAsync();
        Folder.Changed -= Wake;
        (_registration, _fallback) = (fallback, null);
        _others = new OtherPlugins(Folder, _socketName);
        Folder.Changed += Wake;
        (_target, _streamSince) = (null, null);
        Wake();
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
        var shortest = Folder.IsWatched ? WatchedPoll : Poll;
        foreach (var due in _servers.HaveRegisteredStream ? (long[])[_nextAttemptAt] : [_nextAttemptAt, _streamDueAt])
        {
            var wait = _timeProvider.GetElapsedTime(now, due);
            if (wait > TimeSpan.Zero && wait < shortest)
                shortest = wait;
        }

        return shortest;
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

    [LoggerMessage(2, LogLevel.Information, "{Resource}: registered with the socket {Socket} ({Mode})", EventName = "Registered")]
    private partial void LogRegistered(string resource, string socket, RegistrationMode mode);

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
        7, LogLevel.Warning, "{Resource}: {Reason}; from now on it is registered the other way ({Mode})", EventName = "FallBack")]
    private partial void LogFallBack(string resource, string reason, RegistrationMode mode);

    [LoggerMessage(
        8, LogLevel.Information, "{Resource}: the socket {Socket} of another Pod is removed, at which nobody answers",
        EventName = "Removed")]
    private partial void LogRemoved(string resource, string socket);

    [LoggerMessage(
        9, LogLevel.Information, "{Resource}: another plugin has left, and may have held the resource; registering again",
        EventName = "OtherLeft")]
    private partial void LogOtherLeft(string resource);
}
