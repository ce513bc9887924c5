using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Cli.Configuration;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>
/// Applies the configuration file again when it changes. What cannot be used is logged, and the last good configuration stays.
/// </summary>
internal sealed partial class AgentFileWatcher(
    AgentFileReader reader, CurrentAgentConfiguration current, AgentMetrics metrics, TimeProvider timeProvider,
    ILogger<AgentFileWatcher> logger) : ConfigurationFileWatcher(reader.Path, timeProvider, logger)
{
    private readonly ILogger _logger = logger;
    private bool _isRefused;

    protected override void Take(FileContent content, bool isFirst)
    {
        AgentConfiguration configuration;
        try
        {
            configuration = reader.Parse(content);
        }
        catch (ConfigurationFileException exception)
        {
            LogRefused(exception.Message);
            metrics.RecordReload(isSuccess: false);
            _isRefused = true;
            return;
        }

        var before = current.Value;
        if (isFirst && configuration == before)
            return;

        if (_isRefused)
            LogGoodAgain(reader.Path);

        _isRefused = false;
        if (configuration.Address != before.Address || configuration.Endpoint != before.Endpoint)
            LogNeedsRestart(reader.Path);

        LogChanged(reader.Path);
        current.Set(configuration);
        metrics.RecordReload(isSuccess: true);
    }

    [LoggerMessage(1, LogLevel.Information, "'{Path}' has changed", EventName = "Changed")]
    private partial void LogChanged(string path);

    [LoggerMessage(
        2, LogLevel.Warning, "'{Path}': address or endpoint has changed, which needs a restart; the endpoint stays as it is until then",
        EventName = "NeedsRestart")]
    private partial void LogNeedsRestart(string path);

    [LoggerMessage(3, LogLevel.Error, "{Mistakes} The last good configuration stays", EventName = "Refused")]
    private partial void LogRefused(string mistakes);

    [LoggerMessage(4, LogLevel.Information, "'{Path}' is in order again", EventName = "GoodAgain")]
    private partial void LogGoodAgain(string path);
}
