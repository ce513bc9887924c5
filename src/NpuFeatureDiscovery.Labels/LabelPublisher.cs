using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>Reads the host, makes its labels and publishes them, once a call.</summary>
/// <remarks>Whatever is worth a person's attention is logged when it is new, and not again while it lasts.</remarks>
public sealed partial class LabelPublisher(
    NodeReader reader, LabelOptions options, ILabelSink sink, ILogger<LabelPublisher> logger,
    IEnumerable<ILabeller>? labellers = null)
{
    private HashSet<object> _known = [];

    /// <summary>Brings what is published up to date with the host.</summary>
    /// <returns>The labels that are now published.</returns>
    /// <exception cref="HostUnreadableException">The host could not be read; what is published stays.</exception>
    /// <exception cref="LabelPublishException">The labels could not be published; what is published stays.</exception>
    public async Task<LabelSet> PublishAsync(CancellationToken cancellationToken)
    {
        var node = reader.Read();
        var labels = LabelEngine.Create(node, options, labellers);
        LogNews(node, labels);

        switch (await sink.PublishAsync(labels, cancellationToken))
        {
            case PublishResult.Written:
                LogPublished(labels.Labels.Count, sink.Target, node.Devices.Count);
                break;
            case PublishResult.Removed:
                LogRemoved(sink.Target);
                break;
            default:
                LogUnchanged(sink.Target);
                break;
        }

        return labels;
    }

    private void LogNews(NodeSnapshot node, LabelSet labels)
    {
        var current = new HashSet<object>();
        foreach (var problem in node.Problems)
        {
            if (IsNews(problem))
                LogProblem(problem.Kind == ReadProblemKind.Missing ? LogLevel.Debug : LogLevel.Warning, problem.Path, problem.Reason);
        }

        foreach (var device in node.Devices.Where(device => device.Health.State != HealthState.Healthy))
        {
            if (IsNews((device.Family, device.Index, device.Health)))
                LogUnhealthy(device.Name, device.PciAddress, device.Health.State, device.Health.Reason);
        }

        foreach (var remark in labels.Remarks)
        {
            if (IsNews(remark))
                LogRemark(remark.Message);
        }

        _known = current;

        bool IsNews(object fact) => current.Add(fact) && !_known.Contains(fact);
    }

    [LoggerMessage(1, LogLevel.Information, "Published {Labels} labels to {Target} (NPUs: {Devices})", EventName = "Published")]
    private partial void LogPublished(int labels, string target, int devices);

    [LoggerMessage(2, LogLevel.Information, "No labels: took away {Target}", EventName = "Removed")]
    private partial void LogRemoved(string target);

    [LoggerMessage(3, LogLevel.Debug, "Nothing changed in {Target}", EventName = "Unchanged")]
    private partial void LogUnchanged(string target);

    [LoggerMessage(EventId = 4, EventName = "Problem", Message = "{Path} {Reason}")]
    private partial void LogProblem(LogLevel level, string path, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{Device} at {PciAddress} is {State}: {Reason}", EventName = "Unhealthy")]
    private partial void LogUnhealthy(string device, PciAddress pciAddress, HealthState state, string? reason);

    [LoggerMessage(6, LogLevel.Information, "{Remark}", EventName = "Remark")]
    private partial void LogRemark(string remark);
}
