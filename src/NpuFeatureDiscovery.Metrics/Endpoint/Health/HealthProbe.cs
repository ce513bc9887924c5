using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Health;

/// <summary>Runs one health check, and logs when it begins to fail and when it no longer does.</summary>
internal sealed partial class HealthProbe
{
    private readonly HealthCheckRegistration _registration;
    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger _logger;
    private readonly TimeSpan _deadline;
    private readonly SharedRun<CheckResult> _run;
    private string? _lastFailure;

    public HealthProbe(
        HealthCheckRegistration registration, IServiceScopeFactory scopes, TimeSpan deadline, TimeProvider timeProvider,
        ILogger logger)
    {
        (_registration, _scopes, _logger) = (registration, scopes, logger);
        _deadline = registration.Timeout > TimeSpan.Zero && registration.Timeout < deadline ? registration.Timeout : deadline;
        _run = new SharedRun<CheckResult>(CheckAsync, _deadline, timeProvider);
    }

    public bool HasTag(string tag) => _registration.Tags.Contains(tag);

    /// <summary>Ends within the deadline, however the check does.</summary>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        CheckResult result;
        try
        {
            result = await _run.GetAsync(cancellationToken);
        }
        catch (TimeoutException)
        {
            result = Failed($"took longer than {_deadline.TotalSeconds} s");
        }

        LogChange(result);
        return result;
    }

    private async Task<CheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            var check = _registration.Factory(scope.ServiceProvider);
            var context = new HealthCheckContext { Registration = _registration };
            var result = await check.CheckHealthAsync(context, cancellationToken);
            var reason = OneLine(result.Description ?? result.Exception?.Message);
            return result.Status == HealthStatus.Unhealthy
                ? Failed(reason ?? "unhealthy")
                : new CheckResult(_registration.Name, result.Status, reason);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The status that the registration has for this case; none of ours is Healthy.
            return new CheckResult(_registration.Name, _registration.FailureStatus, OneLine(exception.Message) ?? "failed");
        }
    }

    private CheckResult Failed(string reason) => new(_registration.Name, HealthStatus.Unhealthy, reason);

    private void LogChange(CheckResult result)
    {
        var failure = result.HasPassed ? null : result.Reason;
        var lastFailure = Interlocked.Exchange(ref _lastFailure, failure);
        if (failure is not null && failure != lastFailure)
            LogFailed(result.Name, failure);
        else if (failure is null && lastFailure is not null)
            LogPassed(result.Name);
    }

    private static string? OneLine(string? text)
    {
        const StringSplitOptions Options = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        var line = string.Join(' ', (text ?? "").Split(['\r', '\n'], Options));
        return line.Length > 0 ? PrintableText.Of(line) : null;
    }

    [LoggerMessage(1, LogLevel.Warning, "Health check {Check} failed: {Reason}", EventName = "Failed")]
    private partial void LogFailed(string check, string reason);

    [LoggerMessage(2, LogLevel.Information, "Health check {Check} passes again", EventName = "Passed")]
    private partial void LogPassed(string check);
}
