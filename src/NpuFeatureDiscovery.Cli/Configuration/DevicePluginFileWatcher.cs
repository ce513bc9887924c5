using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>
/// Applies the configuration file again when it changes. What cannot be used is logged, and the last good configuration stays.
/// </summary>
internal sealed partial class DevicePluginFileWatcher(
    DevicePluginFileReader reader, CurrentDevicePluginFile current, DevicePluginFileMetrics metrics, TimeProvider timeProvider,
    ILogger<DevicePluginFileWatcher> logger) : ConfigurationFileWatcher(reader.Path, timeProvider, logger)
{
    private readonly ILogger _logger = logger;
    private DevicePluginFile _lastGood = current.Value;
    private bool _isRefused;

    protected override void Take(FileContent content, bool isFirst)
    {
        DevicePluginFile file;
        try
        {
            file = reader.Parse(content);
        }
        catch (ConfigurationFileException exception)
        {
            LogRefused(exception.Message);
            metrics.RecordFailure();
            _isRefused = true;
            return;
        }

        if (isFirst && file == _lastGood)
            return;

        if (_isRefused)
            LogGoodAgain(reader.Path);

        _isRefused = false;
        LogChanges(_lastGood, file);
        _lastGood = file;
        current.Update(file);
        metrics.RecordSuccess();
    }

    private void LogChanges(DevicePluginFile before, DevicePluginFile after)
    {
        foreach (var key in DevicePluginFileKey.All)
        {
            var (from, to, running) = (key.Show(before), key.Show(after), key.Show(current.Value));
            if (from == to)
                continue;

            if (key.NeedsRestart && to != running)
                LogNeedsRestart(reader.Path, key.Name, from, to, running);
            else
                LogChanged(reader.Path, key.Name, from, to);
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
}
