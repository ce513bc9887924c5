using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>
/// Applies the configuration file again when it changes. What cannot be used is logged, and the last good configuration stays.
/// </summary>
internal sealed partial class DevicePluginFileWatcher : BackgroundService
{
    /// <summary>How often the file is read where nothing tells of its changes. Its bytes are compared, not its times.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(10);

    /// <summary>For how long the file must have stayed as it is: whoever writes it may not be done.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    private readonly DevicePluginFileReader _reader;
    private readonly CurrentDevicePluginFile _current;
    private readonly DevicePluginFileMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<DevicePluginFileWatcher> _logger;
    private readonly LinkedFileWatcher _watcher;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private DevicePluginFile _lastGood;
    private FileContent? _seen;
    private bool _isRefused;
    private string? _lastWatchFailure;

    public DevicePluginFileWatcher(
        DevicePluginFileReader reader, CurrentDevicePluginFile current, DevicePluginFileMetrics metrics,
        TimeProvider timeProvider, ILogger<DevicePluginFileWatcher> logger)
    {
        _reader = reader;
        _current = current;
        _metrics = metrics;
        _timeProvider = timeProvider;
        _logger = logger;
        _lastGood = current.Value;
        _watcher = new LinkedFileWatcher(reader.Path, LookAgain);
    }

    public override void Dispose()
    {
        _watcher.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PollInterval, _timeProvider);
        // It may have changed since it was read for the start.
        LookAgain();
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var changed = _changed.Reader.WaitToReadAsync(stoppingToken).AsTask();
        while (true)
        {
            var ended = await Task.WhenAny(tick, changed);
            stoppingToken.ThrowIfCancellationRequested();
            if (ended == changed)
            {
                _changed.Reader.TryRead(out _);
                changed = _changed.Reader.WaitToReadAsync(stoppingToken).AsTask();
            }
            else
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();

            // Before the reading, so that what happens after it is not missed; and anew, since links may lead elsewhere now.
            Watch();
            if (await LookAsync(stoppingToken))
            {
                // What is watched may be a folder that has been replaced by another of its name.
                _watcher.Reset();
                LookAgain();
            }
        }
    }

    private void LookAgain() => _changed.Writer.TryWrite(true);

    private void Watch()
    {
        var failure = _watcher.Watch();
        if (failure is not null && failure != _lastWatchFailure)
            LogNotWatching(failure, PollInterval);

        _lastWatchFailure = failure;
    }

    /// <summary>Whether there was something new.</summary>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var content = _reader.ReadContent();
        if (content == _seen)
            return false;

        for (var isStill = false; !isStill;)
        {
            await Task.Delay(Settle, _timeProvider, cancellationToken);
            var before = content;
            content = _reader.ReadContent();
            isStill = content == before;
        }

        if (content == _seen)
            return false;

        var isFirst = _seen is null;
        _seen = content;
        Take(content, isFirst);
        return true;
    }

    private void Take(FileContent content, bool isFirst)
    {
        DevicePluginFile file;
        try
        {
            file = _reader.Parse(content);
        }
        catch (DevicePluginFileException exception)
        {
            LogRefused(exception.Message);
            _metrics.RecordFailure();
            _isRefused = true;
            return;
        }

        if (isFirst && file == _lastGood)
            return;

        if (_isRefused)
            LogGoodAgain(_reader.Path);

        _isRefused = false;
        LogChanges(_lastGood, file);
        _lastGood = file;
        _current.Update(file);
        _metrics.RecordSuccess();
    }

    private void LogChanges(DevicePluginFile before, DevicePluginFile after)
    {
        foreach (var key in DevicePluginFileKey.All)
        {
            var (from, to, running) = (key.Show(before), key.Show(after), key.Show(_current.Value));
            if (from == to)
                continue;

            if (key.NeedsRestart && to != running)
                LogNeedsRestart(_reader.Path, key.Name, from, to, running);
            else
                LogChanged(_reader.Path, key.Name, from, to);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "'{Path}': {Key} changes from {From} to {To}", EventName = "Changed")]
    private partial void LogChanged(string path, string key, string from, string to);

    [LoggerMessage(
        2, LogLevel.Warning, "'{Path}': {Key} changes from {From} to {To}, which needs a restart: {Running} stays until then",
        EventName = "NeedsRestart")]
    private partial void LogNeedsRestart(string path, string key, string from, string to, string running);

    [LoggerMessage(3, LogLevel.Error, "{Mistakes} The last good configuration stays", EventName = "Refused")]
    private partial void LogRefused(string mistakes);

    [LoggerMessage(4, LogLevel.Information, "'{Path}' is in order again", EventName = "GoodAgain")]
    private partial void LogGoodAgain(string path);

    [LoggerMessage(
        5, LogLevel.Warning, "{Failure} Changes of the configuration file are noticed within {Interval} instead",
        EventName = "NotWatching")]
    private partial void LogNotWatching(string failure, TimeSpan interval);
}
