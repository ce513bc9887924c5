using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>
/// Applies a configuration file again when it changes, once it stays as it is. What cannot be used is logged, and the last good
/// configuration stays.
/// </summary>
internal abstract partial class ConfigurationFileWatcher<T> : BackgroundService where T : class
{
    /// <summary>How often the file is read where nothing tells of its changes. Its bytes are compared, not its times.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(10);

    /// <summary>For how long the file must have stayed as it is: whoever writes it may not be done.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    private readonly string _path;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly LinkedFileWatcher _watcher;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private FileContent? _seen;
    private T _lastGood;
    private bool _isRefused;
    private string? _lastWatchFailure;

    /// <param name="path">The file.</param>
    /// <param name="initial">What was read of it for the start.</param>
    /// <param name="timeProvider">The clock of the polls.</param>
    /// <param name="logger">Told of what cannot be used, and what cannot be watched.</param>
    protected ConfigurationFileWatcher(string path, T initial, TimeProvider timeProvider, ILogger logger)
    {
        _path = path;
        _lastGood = initial;
        _timeProvider = timeProvider;
        _logger = logger;
        _watcher = new LinkedFileWatcher(path, LookAgain);
    }

    public override void Dispose()
    {
        _watcher.Dispose();
        base.Dispose();
    }

    /// <exception cref="ConfigurationFileException">It cannot be used.</exception>
    protected abstract T Parse(FileContent content);

    /// <summary>Takes over a configuration in the place of the last good one.</summary>
    protected abstract void Take(T before, T configuration);

    protected abstract void RecordReload(bool isSuccess);

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
        var content = ConfigurationText.Read(_path);
        if (content == _seen)
            return false;

        for (var isStill = false; !isStill;)
        {
            await Task.Delay(Settle, _timeProvider, cancellationToken);
            var before = content;
            content = ConfigurationText.Read(_path);
            isStill = content == before;
        }

        if (content == _seen)
            return false;

        var isFirst = _seen is null;
        _seen = content;
        Take(content, isFirst);
        return true;
    }

    /// <param name="content">What is in the file now.</param>
    /// <param name="isFirst">Whether it is the first, which was read before for the start if nothing has changed since.</param>
    private void Take(FileContent content, bool isFirst)
    {
        T configuration;
        try
        {
            configuration = Parse(content);
        }
        catch (ConfigurationFileException exception)
        {
            LogRefused(exception.Message);
            RecordReload(isSuccess: false);
            _isRefused = true;
            return;
        }

        if (isFirst && configuration.Equals(_lastGood))
            return;

        if (_isRefused)
            LogGoodAgain(_path);

        _isRefused = false;
        var before = _lastGood;
        _lastGood = configuration;
        Take(before, configuration);
        RecordReload(isSuccess: true);
    }

    [LoggerMessage(3, LogLevel.Error, "{Mistakes} The last good configuration stays", EventName = "Refused")]
    private partial void LogRefused(string mistakes);

    [LoggerMessage(4, LogLevel.Information, "'{Path}' is in order again", EventName = "GoodAgain")]
    private partial void LogGoodAgain(string path);

    [LoggerMessage(
        5, LogLevel.Warning, "{Failure} Changes of the configuration file are noticed within {Interval} instead",
        EventName = "NotWatching")]
    private partial void LogNotWatching(string failure, TimeSpan interval);
}
