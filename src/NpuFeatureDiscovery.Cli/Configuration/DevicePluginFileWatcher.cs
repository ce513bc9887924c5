using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Applies the configuration file of the device plugin again when it changes.</summary>
internal sealed partial class DevicePluginFileWatcher(
    DevicePluginFileReader reader, CurrentDevicePluginFile current, DevicePluginFileMetrics metrics, TimeProvider timeProvider,
    ILogger<DevicePluginFileWatcher> logger) : ConfigurationFileWatcher<DevicePluginFile>(reader.Path, current.Value, timeProvider, logger)
{
    private readonly ILogger _logger = logger;

    protected override DevicePluginFile Parse(FileContent content) => reader.Parse(content);

    protected override void Take(DevicePluginFile before, DevicePluginFile configuration)
    {
        LogChanges(before, configuration);
        current.Update(configuration);
    }

    protected override void RecordReload(bool isSuccess) => metrics.RecordReload(isSuccess);

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
}
