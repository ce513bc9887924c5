using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>Keeps the published labels up to date with the host, at <see cref="LabelOptions.Interval"/>.</summary>
internal sealed partial class LabelService(
    LabelPublisher publisher, IOptions<LabelOptions> options, ILabelSink sink, TimeProvider timeProvider,
    ILogger<LabelService> logger) : BackgroundService
{
    private string? _lastFailure;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.Interval;
        LogStarted(sink.Target, interval);
        using var timer = new PeriodicTimer(interval, timeProvider);
        do
            await PublishAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        try
        {
            await publisher.PublishAsync(cancellationToken);
            _lastFailure = null;
        }
        catch (Exception exception) when (exception is HostUnreadableException or LabelPublishException)
        {
            if (exception.Message != _lastFailure)
                LogFailed(exception.Message);

            _lastFailure = exception.Message;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Publishing labels to {Target} every {Interval}", EventName = "Started")]
    private partial void LogStarted(string target, TimeSpan interval);

    [LoggerMessage(2, LogLevel.Error, "{Failure} Trying again at the next interval", EventName = "Failed")]
    private partial void LogFailed(string failure);
}
