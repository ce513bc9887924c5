using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Cli.Configuration;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>Applies the agent's configuration file again when it changes.</summary>
internal sealed partial class AgentFileWatcher(
    AgentFileReader reader, CurrentAgentConfiguration current, AgentMetrics metrics, TimeProvider timeProvider,
    ILogger<AgentFileWatcher> logger) : ConfigurationFileWatcher<AgentConfiguration>(reader.Path, current.Value, timeProvider, logger)
{
    private readonly ILogger _logger = logger;

    protected override AgentConfiguration Parse(FileContent content) => reader.Parse(content);

    protected override void Take(AgentConfiguration before, AgentConfiguration configuration)
    {
        if (configuration.Address != before.Address || configuration.Endpoint != before.Endpoint)
            LogNeedsRestart(reader.Path);

        LogChanged(reader.Path);
        current.Set(configuration);
    }

    protected override void RecordReload(bool isSuccess) => metrics.RecordReload(isSuccess);

    [LoggerMessage(1, LogLevel.Information, "'{Path}' has changed", EventName = "Changed")]
    private partial void LogChanged(string path);

    [LoggerMessage(
        2, LogLevel.Warning, "'{Path}': address or endpoint has changed, which needs a restart; the endpoint stays as it is until then",
        EventName = "NeedsRestart")]
    private partial void LogNeedsRestart(string path);
}
