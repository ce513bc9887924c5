using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels.Events;

namespace NpuFeatureDiscovery.Labels;

/// <summary>
/// Keeps the published labels up to date with the host: at every change, and at the interval of reading to see that they still
/// stand and to renew their lease.
/// </summary>
internal sealed partial class LabelService(
    DeviceMonitor monitor, LabelPublisher publisher, IOptions<DeviceMonitorOptions> options, ILabelSink sink,
    IOptions<LabelOptions> labelOptions, LabelMetrics metrics, TimeProvider timeProvider, ILogger<LabelService> logger,
    LabelEvents? events = null) : BackgroundService
{
    /// <summary>However seldom the host is read, what is published is looked after this often: it costs nothing at rest.</summary>
    private static readonly TimeSpan LongestTick = TimeSpan.FromMinutes(1);

    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), Random.Shared);
    private volatile string? _failure;
    private bool _wasAway;

    /// <summary>Why the labels could not be published the last time; null where they could.</summary>
    public string? Failure => _failure;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await sink.LeaveAsync(cancellationToken);
        }
        catch (LabelPublishException exception)
        {
            LogLeaveFailed(exception.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.Interval;
        LogStarted(sink.Target, interval);
        if (labelOptions.Value.MaxStartDelay is var longest && longest > TimeSpan.Zero)
            await Task.Delay(longest * Random.Shared.NextDouble(), timeProvider, stoppingToken);

        using var timer = new PeriodicTimer(interval < LongestTick ? interval : LongestTick, timeProvider);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await using var snapshots = monitor.WatchAsync(ending.Token).GetAsyncEnumerator(ending.Token);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var news = snapshots.MoveNextAsync().AsTask();
        var never = Task.Delay(Timeout.InfiniteTimeSpan, timeProvider, ending.Token);
        var retry = never;
        var mayTry = true;
        NodeSnapshot? node = null;
        try
        {
            while (true)
            {
                await Task.WhenAny(news, tick, retry);
                stoppingToken.ThrowIfCancellationRequested();
                if (news.IsCompleted)
                {
                    node = snapshots.Current;
                    news = snapshots.MoveNextAsync().AsTask();
                }

                if (tick.IsCompleted)
                    tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();

                mayTry |= retry.IsCompleted;
                if (retry.IsCompleted)
                    retry = never;

                // What could not be read is not renewed either: its labels end with their lease.
                if (node is null || !monitor.IsCurrent || !mayTry)
                    continue;

                await PublishAsync(node, stoppingToken);
                mayTry = _failure is null;
                if (!mayTry)
                    retry = Task.Delay(_backoff.Next(), timeProvider, ending.Token);
            }
        }
        finally
        {
            // An enumerator cannot be disposed of while it moves.
            await ending.CancelAsync();
            await ((Task)news).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PublishAsync(NodeSnapshot node, CancellationToken cancellationToken)
    {
        try
        {
            var labels = await publisher.PublishAsync(node, cancellationToken);
            events?.Observe(labels);
            events?.Observe(sink.Publication);
            metrics.RecordSuccess(publisher.LastResult, node.Generation);
            if (_failure is not null)
                LogRecovered(sink.Target);

            _failure = null;
            _backoff.Reset();
        }
        catch (LabelPublishException exception)
        {
            metrics.RecordFailure();
            events?.Observe(sink.Publication);
            // What keeps a server from answering is worded differently from time to time.
            var isAway = sink.Publication?.State == LabelPublicationState.Unknown;
            var isNew = _failure is null || (exception.Message != _failure && !(isAway && _wasAway));
            (_failure, _wasAway) = (exception.Message, isAway);
            if (isNew)
                LogFailed(exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Keeping labels up to date in {Target}, reading every {Interval}", EventName = "Started")]
    private partial void LogStarted(string target, TimeSpan interval);

    [LoggerMessage(2, LogLevel.Error, "{Failure} Trying again until it succeeds", EventName = "Failed")]
    private partial void LogFailed(string failure);

    [LoggerMessage(3, LogLevel.Error, "{Failure}", EventName = "LeaveFailed")]
    private partial void LogLeaveFailed(string failure);

    [LoggerMessage(4, LogLevel.Information, "The labels of {Target} are up to date again", EventName = "Recovered")]
    private partial void LogRecovered(string target);
}
