using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>Runs the parts, each by itself.</summary>
internal sealed class AgentService(
    IEnumerable<IAgentPart> parts, SharedServices shared, CurrentAgentConfiguration configurations, EndpointParts endpoint, AgentState state,
    AgentMetrics metrics, TimeProvider timeProvider, ILogger<PartSupervisor> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] running = [.. parts.Select(part => new PartSupervisor(
            part, shared, configurations, endpoint, state, metrics, timeProvider, logger).RunAsync(ending.Token))];
        try
        {
            // None ends by itself; if one did, it would be a mistake of ours, and the program has to end.
            await await Task.WhenAny(running);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
