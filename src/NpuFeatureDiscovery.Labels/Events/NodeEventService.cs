using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>
/// Writes Events of the Node to the API server, one after the other. Whatever fails there is dropped: an Event is worth no outage.
/// </summary>
internal sealed partial class NodeEventService(
    KubernetesClient? client, IOptions<NodeEventOptions> options, NodeEventQueue queue, NodeEventMetrics metrics, TimeProvider timeProvider,
    ILogger<NodeEventService> logger) : BackgroundService
{
    /// <summary>Where Events of objects without a namespace belong.</summary>
    public const string Namespace = "default";

    /// <summary>The longest note of an Event (events.k8s.io/v1).</summary>
    private const int MaxMessageLength = 1024;

    private readonly EventCorrelator _correlator = new(options.Value.NodeName, timeProvider);
    private readonly EventBudget _budget = new(timeProvider);
    private long _lost;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (client is null)
        {
            LogNoServer();
            return;
        }

        await foreach (var happened in queue.ReadAllAsync(stoppingToken))
        {
            var series = _correlator.Observe(happened);
            if (_budget.TryTake())
                await WriteAsync(client, series, stoppingToken);
            else
                metrics.RecordLimited();
        }
    }

    private async Task WriteAsync(KubernetesClient client, EventSeries series, CancellationToken cancellationToken)
    {
        try
        {
            var name = KubernetesResource.Events.Named(series.Name, Namespace);
            await client.ApplyAsync(name, Content(series), NodeState.FieldManager, force: false, cancellationToken);
            metrics.RecordWritten();
            LogWritten(series.Name, series.Event.Reason, series.Count);
            if (_lost > 0)
                LogRecovered(_lost);

            _lost = 0;
        }
        catch (KubernetesException exception)
        {
            metrics.RecordDropped();
            if (_lost++ == 0)
                LogDropped(exception.Message);
        }
    }

    private JsonObject Content(EventSeries series)
    {
        var node = options.Value.NodeName;
        var message = series.Event.Message;
        return new JsonObject
        {
            ["involvedObject"] = new JsonObject
            {
                ["apiVersion"] = KubernetesResource.Nodes.ApiVersion,
                ["kind"] = KubernetesResource.Nodes.Kind,
                ["name"] = node,
                // As the kubelet does, and what every kubectl describe node looks for: old ones for nothing else.
                // https://github.com/kubernetes/kubectl/blob/master/pkg/describe/describe.go
                ["uid"] = node,
            },
            ["type"] = series.Event.IsWarning ? "Warning" : "Normal",
            ["reason"] = series.Event.Reason,
            ["message"] = message.Length > MaxMessageLength ? $"{message[..(MaxMessageLength - 3)]}..." : message,
            ["source"] = new JsonObject { ["component"] = NodeState.FieldManager, ["host"] = node },
            ["count"] = series.Count,
            ["firstTimestamp"] = Text(series.First),
            ["lastTimestamp"] = Text(series.Last),
        };
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [LoggerMessage(1, LogLevel.Information, "There is no API server to write Events to", EventName = "NoServer")]
    private partial void LogNoServer();

    [LoggerMessage(2, LogLevel.Debug, "Wrote Event {Name}: {Reason}, {Count} times", EventName = "Written")]
    private partial void LogWritten(string name, string reason, int count);

    [LoggerMessage(3, LogLevel.Warning, "Events are dropped until they can be written: {Failure}", EventName = "Dropped")]
    private partial void LogDropped(string failure);

    [LoggerMessage(4, LogLevel.Information, "Events are written again; {Dropped} were dropped", EventName = "Recovered")]
    private partial void LogRecovered(long dropped);
}
