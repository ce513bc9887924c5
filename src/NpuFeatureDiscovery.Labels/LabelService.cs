using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>
/// Keeps the published labels up to date with the host: at every change, and at the interval of reading to see that they still
/// stand and to renew their lease.
/// </summary>
internal sealed partial class LabelService(
    DeviceMonitor monitor, LabelPublisher publisher, IOptions<DeviceMonitorOptions> options, ILabelSink sink,
    TimeProvider timeProvider, ILogger<LabelService> logger) : BackgroundService
{
    private string? _lastFailure;

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
        using var timer = new PeriodicTimer(interval, timeProvider);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await using var snapshots = monitor.WatchAsync(ending.Token).GetAsyncEnumerator(ending.Token);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var news = snapshots.MoveNextAsync().AsTask();
        NodeSnapshot? node = null;
        try
        {
            while (true)
            {
                await Task.WhenAny(news, tick);
                stoppingToken.ThrowIfCancellationRequested();
                if (news.IsCompleted)
                {
                    node = snapshots.Current;
                    news = snapshots.MoveNextAsync().AsTask();
                }

                if (tick.IsCompleted)
                    tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();

                // What could not be read is not renewed either: its labels end with their lease.
                if (node is not null && monitor.IsCurrent)
                    await PublishAsync(node, stoppingToken);
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
            await publisher.PublishAsync(node, cancellationToken);
            if (_lastFailure is not null)
                LogRecovered(sink.Target);

            _lastFailure = null;
        }
        catch (LabelPublishException exception)
        {
            if (exception.Message != _lastFailure)
                LogFailed(exception.Message);

            _lastFailure = exception.Message;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Keeping labels up to date in {Target}, reading every {Interval}", EventName = "Started")]
    private partial void LogStarted(string target, TimeSpan interval);

    [LoggerMessage(2, LogLevel.Error, "{Failure} Trying again at the next interval", EventName = "Failed")]
    private partial void LogFailed(string failure);

    [LoggerMessage(3, LogLevel.Error, "{Failure}", EventName = "LeaveFailed")]
    private partial void LogLeaveFailed(string failure);

    [LoggerMessage(4, LogLevel.Information, "The labels of {Target} are up to date again", EventName = "Recovered")]
    private partial void LogRecovered(string target);
}
