using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>
/// Keeps one part running as it is configured: starts it again where it fails, whatever that is, and leaves the others alone.
/// </summary>
internal sealed partial class PartSupervisor(
    IAgentPart part, SharedServices shared, CurrentAgentConfiguration configurations, EndpointParts endpoint, AgentState state,
    AgentMetrics metrics, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>The longest time between two starts of a part that fails; one that ran for so long has run well.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Less than the 30 s that a kubelet gives a Pod to end.</summary>
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(15);

    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), LongestWait, Random.Shared);
    private AgentConfiguration? _configuration;
    private RunningPart? _running;
    private ServiceProvider? _status;
    private string? _loggedFailure;
    private long _startedAt;
    private int _restarts;

    private bool IsEnabled => _configuration?.Enable.Contains(part.Name) ?? false;

    /// <summary>Runs until it is cancelled, and then ends the part.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var changes = configurations.WatchAsync(ending.Token).GetAsyncEnumerator(ending.Token);
        var change = changes.MoveNextAsync().AsTask();
        var never = Task.Delay(Timeout.InfiniteTimeSpan, timeProvider, ending.Token);
        var retry = never;
        try
        {
            while (true)
            {
                var failure = FailureOf(_running, never);
                await Task.WhenAny(change, failure, retry);
                stopping.ThrowIfCancellationRequested();
                if (change.IsCompleted)
                {
                    retry = await TakeAsync(changes.Current, stopping) ? never : Retry(ending.Token);
                    change = changes.MoveNextAsync().AsTask();
                }
                else if (failure is { IsCompleted: true, IsCompletedSuccessfully: false })
                {
                    await FailAsync(failure.Exception?.InnerException ?? new TaskCanceledException(failure));
                    retry = Retry(ending.Token);
                }
                else if (retry.IsCompleted)
                {
                    _restarts++;
                    metrics.RecordRestart(part.Name);
                    retry = await TryStartAsync(stopping) ? never : Retry(ending.Token);
                }
            }
        }
        finally
        {
            if (_running is not null)
                ShowStatus("it ends with the agent");

            await EndAsync(isFinal: true);
            endpoint.Hide(part.Name);
            _status?.Dispose();
            // An enumerator cannot be disposed of while it moves.
            await ending.CancelAsync();
            await ((Task)change).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Only a failure counts: a service that has nothing to do may end.</summary>
    private static Task FailureOf(RunningPart? running, Task never) =>
        running is { Completion: { IsCompletedSuccessfully: false } completion } ? completion : never;

    private Task Retry(CancellationToken cancellationToken) => Task.Delay(_backoff.Next(), timeProvider, cancellationToken);

    /// <summary>Whether the part is as it is configured.</summary>
    private async Task<bool> TakeAsync(AgentConfiguration configuration, CancellationToken stopping)
    {
        var (before, wasEnabled) = (_configuration, IsEnabled);
        _configuration = configuration;
        if (!IsEnabled)
        {
            endpoint.Hide(part.Name);
            state.Remove(part.Name);
            await EndAsync(isFinal: true);
            if (wasEnabled)
                LogDisabled(part.Name);

            return true;
        }

        var isSame = wasEnabled && part.SectionOf(before!).Equals(part.SectionOf(configuration));
        if (isSame && _running is not null)
            return true;

        if (_running is not null && TryApply(_running, configuration))
            return true;

        _backoff.Reset();
        if (_running is null)
            return await TryStartAsync(stopping);

        LogStartingAnew(part.Name);
        var last = _running;
        if (part.StartsBeside)
        {
            // What it shows goes on until the next takes its place.
            _running = null;
            var isStarted = await TryStartAsync(stopping);
            await EndAsync(last, isFinal: false);
            return isStarted;
        }

        ShowStatus("it is started anew with its changed configuration");
        await EndAsync(isFinal: part.Leaves(before!, configuration));
        return await TryStartAsync(stopping);
    }

    private bool TryApply(RunningPart running, AgentConfiguration configuration)
    {
        try
        {
            if (!part.TryApply(running.Services, configuration))
                return false;
        }
        catch (Exception exception)
        {
            // It may have been taken over in part: a start takes it over whole, or tells what is wrong.
            LogApplyFailed(exception, part.Name, exception.Message);
            return false;
        }

        LogApplied(part.Name);
        return true;
    }

    private async Task<bool> TryStartAsync(CancellationToken stopping)
    {
        try
        {
            var services = shared.Create();
            part.AddServices(services, _configuration!);
            _running = await RunningPart.StartAsync(services, stopping);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            ShowFailure(exception);
            return false;
        }

        _startedAt = timeProvider.GetTimestamp();
        endpoint.Show(part.Name, _running.Services);
        state.Set(new PartState(part.Name, timeProvider.GetUtcNow(), null, _restarts), _running.Services);
        LogStarted(part.Name);
        return true;
    }

    private async Task FailAsync(Exception exception)
    {
        if (timeProvider.GetElapsedTime(_startedAt) >= LongestWait)
        {
            _backoff.Reset();
            _loggedFailure = null;
        }

        ShowFailure(exception);
        await EndAsync(isFinal: false);
    }

    /// <summary>In the log once for each reason, until the part has run well for a while.</summary>
    private void ShowFailure(Exception exception)
    {
        var reason = exception.Message;
        if (reason != _loggedFailure)
            LogFailed(exception is UsageException ? null : exception, part.Name, reason);

        _loggedFailure = reason;
        ShowStatus($"it has failed, and is started again until it runs: {reason}");
    }

    /// <summary>Shows why the part does not run in the place of all that it shows itself.</summary>
    private void ShowStatus(string reason)
    {
        var services = new ServiceCollection();
        services.AddHealthChecks().AddCheck(part.Name, () => HealthCheckResult.Unhealthy(reason), [HealthCheckTags.Ready]);
        var last = _status;
        _status = services.BuildServiceProvider();
        endpoint.Show(part.Name, _status);
        state.Set(new PartState(part.Name, timeProvider.GetUtcNow(), reason, _restarts), null);
        last?.Dispose();
    }

    private async Task EndAsync(bool isFinal)
    {
        var running = _running;
        _running = null;
        if (running is not null)
            await EndAsync(running, isFinal);
    }

    private async Task EndAsync(RunningPart running, bool isFinal)
    {
        if (running.Services.GetService<PartSink>() is { } sink)
            sink.IsFinal = isFinal;

        using var deadline = new CancellationTokenSource(StopDeadline, timeProvider);
        foreach (var failure in await running.EndAsync(deadline.Token))
            LogStopFailed(failure, part.Name, failure.Message);
    }

    [LoggerMessage(1, LogLevel.Information, "Part {Part} runs", EventName = "Started")]
    private partial void LogStarted(string part);

    [LoggerMessage(2, LogLevel.Error, "Part {Part} has failed, and is started again until it runs: {Reason}", EventName = "Failed")]
    private partial void LogFailed(Exception? exception, string part, string reason);

    [LoggerMessage(3, LogLevel.Information, "Part {Part} takes over its changed configuration", EventName = "Applied")]
    private partial void LogApplied(string part);

    [LoggerMessage(4, LogLevel.Information, "Part {Part} is started anew with its changed configuration", EventName = "StartingAnew")]
    private partial void LogStartingAnew(string part);

    [LoggerMessage(5, LogLevel.Information, "Part {Part} is no longer enabled, and has ended", EventName = "Disabled")]
    private partial void LogDisabled(string part);

    [LoggerMessage(6, LogLevel.Warning, "Part {Part} did not end as it should: {Reason}", EventName = "StopFailed")]
    private partial void LogStopFailed(Exception exception, string part, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Part {Part} could not take over its changed configuration: {Reason}", EventName = "ApplyFailed")]
    private partial void LogApplyFailed(Exception exception, string part, string reason);
}
