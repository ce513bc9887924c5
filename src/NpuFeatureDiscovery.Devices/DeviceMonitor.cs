using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices;

/// <summary>
/// Keeps a snapshot of the host's NPUs up to date: device nodes that come or go are learned from inotify at once, presence and
/// health by reading at <see cref="DeviceMonitorOptions.HealthInterval"/>, everything else at
/// <see cref="DeviceMonitorOptions.Interval"/>.
/// </summary>
public sealed partial class DeviceMonitor : BackgroundService
{
    /// <summary>
    /// A card's nodes come one after the other, as its entry in the driver's class does; this long after the first is known of, all
    /// are read together.
    /// </summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    /// <summary>How soon a change is looked at again, for those who believe it only after several readings.</summary>
    private static readonly TimeSpan Confirm = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a change is looked at again before the next tick.</summary>
    private const int Confirmations = 2;

    private readonly NodeReader _reader;
    private readonly IOptionsMonitor<DeviceMonitorOptions> _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<DeviceMonitor> _logger;
    private readonly DeviceNodeWatcher _watcher;
    private readonly LatestFeed<NodeSnapshot> _snapshots = new();
    private readonly LatestFeed<NodeReading> _readings = new();
    private readonly Channel<bool> _nodesChanged = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile string? _lastFailure;
    private string? _lastWatchFailure;
    private long _generation;
    private long _readingNumber;
    private long _succeededAt;

    /// <param name="root">The folder that is read as the host.</param>
    /// <param name="options">How often it is read. The intervals may change while it runs; the rest is read once.</param>
    /// <param name="timeProvider">Tells the time between readings.</param>
    /// <param name="logger">Told when the host cannot be read or watched.</param>
    public DeviceMonitor(
        HostRoot root, IOptionsMonitor<DeviceMonitorOptions> options, TimeProvider timeProvider, ILogger<DeviceMonitor> logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _reader = new NodeReader(root, timeProvider, options.CurrentValue);
        _watcher = new DeviceNodeWatcher(root, () => _nodesChanged.Writer.TryWrite(true));
    }

    /// <summary>The newest snapshot; <see langword="null"/> before the host could be read.</summary>
    public NodeSnapshot? Latest => _snapshots.Latest;

    /// <summary>
    /// The newest snapshot, and each one that differs from it from then on. A reader that is slow misses those in between,
    /// never the newest.
    /// </summary>
    public IAsyncEnumerable<NodeSnapshot> WatchAsync(CancellationToken cancellationToken) => _snapshots.WatchAsync(cancellationToken);

    /// <summary>
    /// The newest reading, and each one from then on, whether it found anything new or not; none before the host could be read.
    /// A reader that is slow misses those in between.
    /// </summary>
    public IAsyncEnumerable<NodeReading> WatchReadingsAsync(CancellationToken cancellationToken) =>
        _readings.WatchAsync(cancellationToken);

    /// <summary>Whether the newest snapshot is also what the host is: not while it cannot be read at all.</summary>
    public bool IsCurrent => _lastFailure is null;

    /// <summary>Why the host cannot be read at all, in a sentence; <see langword="null"/> while it can.</summary>
    public string? Failure => _lastFailure;

    /// <summary>
    /// How long ago the host was last read with success, if only for presence and health; <see langword="null"/> before the first
    /// time.
    /// </summary>
    public TimeSpan? TimeSinceReading =>
        Volatile.Read(ref _succeededAt) is var at and not 0 ? _timeProvider.GetElapsedTime(at) : null;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _watcher.Dispose();
        _reader.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Watch first: what happens after the first reading must not be missed.
        WatchNodes();
        using var timer = new PeriodicTimer(_options.CurrentValue.HealthInterval, _timeProvider);
        _reader.PresenceOrHealthChanged(out _);
        Read();
        var readAt = _timeProvider.GetTimestamp();
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var nodesChanged = _nodesChanged.Reader.WaitToReadAsync(stoppingToken).AsTask();
        var never = Task.Delay(Timeout.InfiniteTimeSpan, _timeProvider, stoppingToken);
        var confirm = never;
        var confirmations = 0;
        while (true)
        {
            var ended = await Task.WhenAny(tick, nodesChanged, confirm);
            stoppingToken.ThrowIfCancellationRequested();
            var options = _options.CurrentValue;
            var isDue = _timeProvider.GetElapsedTime(readAt) >= options.Interval;
            if (ended == nodesChanged)
            {
                await Task.Delay(Settle, _timeProvider, stoppingToken);
                _nodesChanged.Reader.TryRead(out _);
                nodesChanged = _nodesChanged.Reader.WaitToReadAsync(stoppingToken).AsTask();
                isDue = true;
            }
            else if (ended == tick)
            {
                if (timer.Period != options.HealthInterval)
                    timer.Period = options.HealthInterval;

                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            }

            // Before the reading, so that what changes meanwhile is seen as a change the next time.
            var isChanged = _reader.PresenceOrHealthChanged(out var hasComeOrGone);
            if (hasComeOrGone && ended != nodesChanged)
                await Task.Delay(Settle, _timeProvider, stoppingToken);

            var before = _snapshots.Latest;
            if (isDue || isChanged)
            {
                Read();
                readAt = _timeProvider.GetTimestamp();
                WatchNodes();
            }
            else
                PublishReading();

            if (before is not null && before != _snapshots.Latest)
                confirmations = Confirmations;
            if (ended == confirm)
                confirm = never;
            if (confirm == never && confirmations > 0)
            {
                confirmations--;
                confirm = Task.Delay(Confirm, _timeProvider, stoppingToken);
            }
        }
    }

    private void Read()
    {
        try
        {
            var snapshot = _reader.Read();
            _lastFailure = null;
            if (!snapshot.Equals(_snapshots.Latest))
                _snapshots.Publish(snapshot with { Generation = ++_generation });
        }
        catch (HostUnreadableException exception)
        {
            if (exception.Message != _lastFailure)
                LogUnreadable(exception.Message);

            _lastFailure = exception.Message;
        }

        PublishReading();
    }

    private void PublishReading()
    {
        if (_lastFailure is null)
            Volatile.Write(ref _succeededAt, _timeProvider.GetTimestamp());
        if (_snapshots.Latest is { } snapshot)
            _readings.Publish(new NodeReading(++_readingNumber, snapshot, _lastFailure));
    }

    private void WatchNodes()
    {
        var failure = _watcher.Watch();
        if (failure is not null && failure != _lastWatchFailure)
            LogNotWatching(failure, _options.CurrentValue.HealthInterval);

        _lastWatchFailure = failure;
    }

    [LoggerMessage(1, LogLevel.Error, "{Failure} The last reading stands", EventName = "Unreadable")]
    private partial void LogUnreadable(string failure);

    [LoggerMessage(
        2, LogLevel.Warning, "{Failure} Device nodes that come or go are noticed at the interval of {Interval} instead",
        EventName = "NotWatching")]
    private partial void LogNotWatching(string failure, TimeSpan interval);
}
