using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.DevicePlugin.Resources;

/// <summary>Publishes what a source tells of the devices of a resource, and asks it again when it fails.</summary>
internal sealed partial class SourceFollower(
    string resource, IDeviceSource source, DeviceFeed feed, DevicePluginMetrics metrics, TimeProvider timeProvider, ILogger logger)
{
    private const int MaxNamed = 8;

    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(30), Random.Shared);
    private volatile string? _fault = "its source has not told of its devices yet";
    private string? _loggedFault;
    private string? _loggedProblems;

    /// <summary>Why the devices may be others than those that are published; null where they are the same.</summary>
    public string? Fault => _fault;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            var startedAt = timeProvider.GetTimestamp();
            await FollowAsync(stopping);
            if (timeProvider.GetElapsedTime(startedAt) >= _backoff.Longest)
                _backoff.Reset();

            await Task.Delay(_backoff.Next(), timeProvider, stopping);
        }
    }

    private async Task FollowAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var devices in source.WatchAsync(stopping))
                Take(devices);

            stopping.ThrowIfCancellationRequested();
            Fail("its source of devices ended, though it was not cancelled", exception: null);
        }
        // It is somebody else's code, and whatever it throws costs no Pod its devices.
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            Fail($"its source of devices failed: {exception.Message}", exception);
        }
    }

    private void Take(IReadOnlyList<PluginDevice> devices)
    {
        var list = new DeviceList(devices);
        LogProblems(list);
        LogChanges(feed.Current, list);
        metrics.RecordDevices(resource, list);
        feed.Publish(list);
        _fault = null;
    }

    private void Fail(string fault, Exception? exception)
    {
        _fault = fault;
        if (fault == _loggedFault)
            return;

        _loggedFault = fault;
        LogFault(exception, resource, fault);
    }

    private void LogProblems(DeviceList list)
    {
        var problems = string.Join("; ", list.Problems.Take(MaxNamed));
        if (list.Problems.Count > MaxNamed)
            problems += $"; and {list.Problems.Count - MaxNamed} more such";

        if (problems.Length > 0 && problems != _loggedProblems)
            LogProblems(resource, problems);

        _loggedProblems = problems;
    }

    private void LogChanges(DeviceList? before, DeviceList now)
    {
        foreach (var device in now.Devices)
        {
            if (before?.Find(device.Id) is { } old && old.State == device.State && old.Reason == device.Reason)
                continue;

            if (device.IsHealthy)
                LogHealthy(device.Title);
            else
                LogNotHealthy(device.Title, device.State, device.Reason ?? "no reason is given");
        }

        foreach (var gone in before?.Devices.Where(device => now.Find(device.Id) is null) ?? [])
            LogGone(gone.Title);
    }

    [LoggerMessage(1, LogLevel.Information, "{Device} is healthy", EventName = "Healthy")]
    private partial void LogHealthy(string device);

    [LoggerMessage(2, LogLevel.Warning, "{Device} is {State}: {Reason}", EventName = "NotHealthy")]
    private partial void LogNotHealthy(string device, PluginDeviceState state, string reason);

    [LoggerMessage(3, LogLevel.Information, "{Device} is no longer offered", EventName = "Gone")]
    private partial void LogGone(string device);

    [LoggerMessage(4, LogLevel.Warning, "{Resource}: its source of devices lists {Problems}", EventName = "Problems")]
    private partial void LogProblems(string resource, string problems);

    [LoggerMessage(
        5, LogLevel.Warning, "{Resource}: {Fault}. The last list stays in force; it is asked again until it works", EventName = "SourceFault")]
    private partial void LogFault(Exception? exception, string resource, string fault);
}
